"""Papers: values in, bytes out. Knows no database, no chat and no clock; what is written is given, words included."""
