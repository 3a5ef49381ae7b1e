"""Recovery of unpaid invoices: reminders in levels, then the Trésor public."""
