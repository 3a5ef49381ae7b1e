"""The catalogues: ``python -m tests.words`` collects the words, and lists what is not translated."""
