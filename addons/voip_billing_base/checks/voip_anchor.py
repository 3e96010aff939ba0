"""Heads of the audit chains, kept outside of the database."""

import json
from pathlib import Path

from odoo import api, fields, models
from odoo.tools import SQL, config

FOLDER = "voip_anchor"


class VoipAnchor(models.AbstractModel):
    """Writes down where each company's audit chain ends, and what is witnessed.

    One line a head, in a file that only grows: ``FOLDER`` of Odoo's ``data_dir``, named
    after the database and its number, which a database made anew does not share. A
    chain that is cut, or computed anew, has lost a head that was written down.
    """

    _name = "voip.anchor"
    _description = "Anchor of the Audit Trail"

    @api.model
    def _path(self):
        """File of the anchors of this database."""
        self.env.cr.execute(
            "SELECT datname, oid FROM pg_database WHERE datname = current_database()"
        )
        name, number = self.env.cr.fetchone()
        return Path(config["data_dir"]) / FOLDER / f"{name}-{number}.jsonl"

    # === CRON METHODS === #

    @api.model
    def _cron_mail(self):
        """Mail each company's head to the address of its settings."""
        told = [("voip_anchor_email", "!=", False)]
        for company in self.env["res.company"].sudo().search(told):
            self.env.cr.execute(HEAD_SQL, [company.id])
            for head in self.env.cr.dictfetchall():
                self._mail(company, head)

    def _mail(self, company, head):
        about = {"company": company.name, "number": head["seq"]}
        text = self.env._(
            "Audit trail of %(company)s: %(number)s records, the last with the hash"
            " below. Keep this message where nobody who works with the database can"
            " change it.",
            **about,
        )
        subject = self.env._("Audit trail of %(company)s, %(number)s", **about)
        self.env["mail.mail"].sudo().create(
            {
                "subject": subject,
                "email_to": company.voip_anchor_email,
                "email_from": company.email_formatted or company.partner_id.name,
                "body_html": f"<p>{text}</p><pre>{head['hash']}</pre>",
                "auto_delete": False,
            }
        )

    # === BUSINESS METHODS === #

    @api.model
    def _write(self):
        """Append a line for each head that is not written down yet."""
        known = {json.dumps(line) for line in self._lines()}
        self._append(line for line in self._heads() if json.dumps(line) not in known)

    @api.model
    def _forget(self, kinds):
        """Forget witnesses of tables that go with their module, and write that down.

        :param kinds: names of what is witnessed
        """
        for table in ("voip_witness", "voip_witness_record", "voip_witness_mark"):
            self.env.cr.execute(
                SQL("DELETE FROM %s WHERE kind = ANY(%s)", SQL.identifier(table), kinds)
            )
        known = {(x["kind"], x["version"]) for x in self._lines() if "kind" in x}
        self._append(
            {"kind": kind, "version": version, "rows": 0, "mark": "0"}
            for kind, version in sorted(known)
            if kind in kinds
        )

    def _append(self, fresh):
        fresh, path = list(fresh), self._path()
        if not fresh:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        at = fields.Datetime.to_string(fields.Datetime.now())
        with path.open("a", encoding="utf-8") as file:
            for line in fresh:
                file.write(json.dumps({"at": at, **line}) + "\n")

    def _heads(self):
        self.env.cr.execute(HEADS_SQL)
        heads = self.env.cr.dictfetchall()
        names = ("kind", "version", "rows", "mark")
        witnessed = self.env["voip.witness"]._totals()
        return heads + [dict(zip(names, row, strict=True)) for row in witnessed]

    def _lines(self):
        """What is written down, oldest first, without its time."""
        path = self._path()
        if not path.exists():
            return []
        lines = [json.loads(text) for text in path.read_text("utf-8").splitlines()]
        return [{k: v for k, v in line.items() if k != "at"} for line in lines]

    @api.model
    def _lost(self):
        """How many heads that were written down the database does not have."""
        lines = self._lines()
        heads = [line for line in lines if "seq" in line]
        self.env.cr.execute(
            LOST_SQL,
            [[head[name] for head in heads] for name in ("company_id", "seq", "hash")],
        )
        return self.env.cr.fetchone()[0] + self._lost_witnesses(lines)

    def _lost_witnesses(self, lines):
        """Those of the last line of each kind: it only grows, and in order."""
        last = {(x["kind"], x["version"]): x for x in lines if "kind" in x}
        totals = self.env["voip.witness"]._totals()
        now = {(kind, version): row for kind, version, *row in totals}
        newest = {kind: version for kind, version in last}
        lost = 0
        for (kind, version), line in last.items():
            rows, mark = now.get((kind, version), (0, "0"))
            changed = rows == line["rows"] and mark != line["mark"]
            lost += newest[kind] == version and (rows < line["rows"] or changed)
        return lost


class VoipCheck(models.AbstractModel):
    _inherit = "voip.check"

    @api.model
    def run(self, full=False):
        results = super().run(full)
        lost = self.env["voip.anchor"].sudo()._lost()
        title = "The audit chain has every head that was anchored"
        return [*results, {"name": "anchor", "title": title, "violations": lost}]


HEADS_SQL = "SELECT company_id, seq, hash FROM voip_audit_head ORDER BY company_id"
HEAD_SQL = "SELECT company_id, seq, hash FROM voip_audit_head WHERE company_id = %s"
LOST_SQL = """
SELECT count(*)
  FROM unnest(%s::int[], %s::int[], %s::text[]) AS h(company_id, seq, hash)
 WHERE NOT EXISTS (SELECT FROM voip_audit a
                    WHERE a.company_id = h.company_id AND a.seq = h.seq
                      AND a.hash = h.hash)
"""
