from . import json2, jsonrpc, rate_files, records
