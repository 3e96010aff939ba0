from . import json2, jsonrpc, records
