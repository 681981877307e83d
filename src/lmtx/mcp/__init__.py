"""The door for assistants: the listings as tools of the Model Context Protocol, spoken over stdin
and stdout.

`tools` says what the tools are and answers them, `answers` bounds an answer and gives every figure
its marks and page, and `server` alone imports the SDK, which the extra "mcp" installs.
"""
