"""The command line: parse → query → output. Only this package knows exit codes, streams and
terminals."""
