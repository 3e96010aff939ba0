"""What documents are made of: plain data, versioned, described in docs/documents.md."""

from . import voip_document_kind
from . import move_kinds, netting_kind, statement_kind, usage_kind
