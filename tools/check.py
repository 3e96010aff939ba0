"""Print what ``voip.check`` finds; exit code 1 when there is a violation.

``--full`` checks from the first record on, where the add-ons tell the two apart.
"""

import inspect


def main(env, *words):
    if "voip.check" not in env:
        print("The database has no checks: the add-ons are not installed in it.")
        return 1
    check = env["voip.check"].run
    options = {"full": "--full" in words}
    if "full" not in inspect.signature(check).parameters:
        options = {}
    results = check(**options)
    width = max((len(result["name"]) for result in results), default=4)
    for result in results:
        count = result["violations"]
        print(f"{result['name']:<{width}}  {count:>8}  {result['title']}")
    broken = sum(1 for result in results if result["violations"] > 0)
    print(f"{len(results)} checks, {broken} violated")
    return 0 if results and not broken else 1
