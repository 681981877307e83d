"""The whole knowledge base as files: one module a form."""
