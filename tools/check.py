"""Print what ``voip.check`` finds; exit code 1 when there is a violation.

``--full`` recomputes sealed months too and compares them with their seals.
"""


def main(env, *words):
    if "voip.check" not in env:
        print("The database has no checks: the add-ons are not installed in it.")
        return 1
    results = env["voip.check"].run(full="--full" in words)
    width = max((len(result["name"]) for result in results), default=4)
    for result in results:
        count = result["violations"]
        print(f"{result['name']:<{width}}  {count:>8}  {result['title']}")
    broken = sum(1 for result in results if result["violations"] > 0)
    print(f"{len(results)} checks, {broken} violated")
    return 0 if results and not broken else 1
