"""Messages: what the portal tells people, by e-mail and on paper."""
