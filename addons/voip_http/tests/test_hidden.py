"""Keys in addresses: taken out of the request, masked in every line of a log."""

from odoo.tests import BaseCase, tagged

from ..hidden import move_key, name_database, without_key

KEY = "0123456789abcdef0123456789abcdef01234567"


@tagged("post_install", "-at_install")
class TestHidden(BaseCase):
    def test_a_line_shows_no_key(self):
        for line, shown in (
            (f"/voip/cdr/fra1/generic/{KEY}", "/voip/cdr/fra1/generic/***"),
            (f"/voip/cdr/a/b/{KEY}?uuid=1", "/voip/cdr/a/b/***?uuid=1"),
            (f"//voip//cdr/a//b/{KEY}/x", "//voip//cdr/a//b/***"),
            (f"POST /voip/cdr/a/b/{KEY} HTTP/1.1", "POST /voip/cdr/a/b/*** HTTP/1.1"),
            (f"/VOIP/CDR/a/b/{KEY}", "/VOIP/CDR/a/b/***"),
            (f"/voip/cdr/fra1/{KEY}", "/voip/cdr/fra1/***"),
            (f"/voip/cdr/a/b?key={KEY}", "/voip/cdr/a/b?key=***"),
            (f"/voip%2Fcdr/a/b/{KEY}", "/voip%2Fcdr/a/b/***"),
            (f"/%76oip/cdr/a/b/{KEY}", "/%76oip/cdr/a/b/***"),
            (f"/voip/cdr/a/b%2F{KEY}", "/voip/cdr/a/b%***"),
            ("GET /voip/netting/aB3-_x HTTP/1.1", "GET /voip/netting/*** HTTP/1.1"),
            ("/voip/netting", "/voip/netting"),
            (f"/web/content/{KEY}", f"/web/content/{KEY}"),
            ("/voip/cdr/fra1/generic", "/voip/cdr/fra1/generic"),
            ("/voip/cdr/fra1/generic?uuid=1", "/voip/cdr/fra1/generic?uuid=1"),
            ("/web/login", "/web/login"),
        ):
            with self.subTest(line):
                self.assertEqual(without_key(line), shown)

    def test_a_key_in_the_path_becomes_one_in_the_header(self):
        for path, rest, header in (
            (f"/voip/cdr/a/b/{KEY}", "/voip/cdr/a/b", f"Bearer {KEY}"),
            (f"//voip/cdr/a/b//{KEY}/", "//voip/cdr/a/b", f"Bearer {KEY}"),
            (f"/voip/cdr/a/b/{KEY}/x", "/voip/cdr/a/b", f"Bearer {KEY}/x"),
            ("/voip/cdr/a/b/x\r\ny", "/voip/cdr/a/b", "Bearer -"),
            ("/voip/cdr/a/b", "/voip/cdr/a/b", "own"),
            ("/json/2/a/b/c", "/json/2/a/b/c", "own"),
        ):
            environ = {
                "PATH_INFO": path,
                "RAW_URI": f"{path}?x=1",
                "REQUEST_URI": f"{path}?x=1",
                "HTTP_AUTHORIZATION": "own",
            }
            with self.subTest(path):
                move_key(environ)
                self.assertEqual(environ["PATH_INFO"], rest)
                self.assertEqual(environ["HTTP_AUTHORIZATION"], header)
                texts = (environ["RAW_URI"], environ["REQUEST_URI"])
                self.assertNotIn(KEY, "".join(texts))

    def test_a_posted_record_is_for_the_only_database_of_the_server(self):
        for names, path, said, found in (
            (["one"], "/voip/cdr/a/b", None, "one"),
            (["one"], "/voip/cdr/a/b", "two", "two"),
            (["one", "two"], "/voip/cdr/a/b", None, None),
            ([], "/voip/cdr/a/b", None, None),
            (["one"], "/web", None, None),
        ):
            environ = {"PATH_INFO": path}
            if said:
                environ["HTTP_X_ODOO_DATABASE"] = said
            with self.subTest(names=names, path=path, said=said):
                name_database(environ, names)
                self.assertEqual(environ.get("HTTP_X_ODOO_DATABASE"), found)
