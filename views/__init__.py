"""Every way in: pages, back office, webhooks, commands and jobs."""
