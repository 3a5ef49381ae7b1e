"""Forms: typed values kept, French messages, one file a subject."""
