"""Supporting documents: how long they hold."""
