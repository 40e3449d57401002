"""Identifiers found, pseudonyms put in, and the key that stands apart: values in, values out."""
