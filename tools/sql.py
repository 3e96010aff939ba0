"""Run one SQL statement: ``sql.py DATABASE STATEMENT``; rows as TSV."""

import sys

import psycopg2


def main(database: str, statement: str) -> int:
    try:
        connection = psycopg2.connect(dbname=database)
    except psycopg2.OperationalError as error:
        print(str(error).strip(), file=sys.stderr)
        return 1
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(statement)
        if cursor.description:
            for row in cursor:
                print("\t".join("" if value is None else str(value) for value in row))
    connection.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
