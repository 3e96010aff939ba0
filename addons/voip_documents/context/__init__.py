"""What documents are made of: plain data, versioned, described in docs/documents.md."""

from . import voip_document_context
