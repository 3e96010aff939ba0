from . import test_ai_lines, test_engine_usage_lines
