"""A run: the invoices whose documents are made, one line for each."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..const import FORMATS

STATES = [
    ("running", "Running"),
    ("stopped", "Stopped"),
    ("done", "Done"),
    ("errors", "Done, with Errors"),
]
COUNTED = {"compute": "_compute_counts", "aggregator": None}


class VoipDocumentRun(models.Model):
    """Makes, and where it is wished mails, the documents of many invoices.

    It goes on when its page is left. An invoice that fails keeps why on its line and
    harms no other; what is made is committed piece by piece.
    """

    _name = "voip.document.run"
    _description = "Making of Documents"
    _inherit = ["voip.job"]
    _order = "id desc"
    _check_company_auto = True

    _job_states = ("running", "stopped")
    _job_cron = "voip_documents.ir_cron_make"

    name = fields.Char(required=True, readonly=True)
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="restrict"
    )
    user_id = fields.Many2one("res.users", string="Started By", readonly=True)
    is_mailed = fields.Boolean(
        string="Mailed, too",
        readonly=True,
        help="Each document goes into the outbox once its files are made.",
    )
    state = fields.Selection(STATES, required=True, readonly=True, default="running")
    line_ids = fields.One2many("voip.document.run.line", "run_id", readonly=True)
    started_at = fields.Datetime(string="Started", readonly=True)
    worked_at = fields.Datetime(string="Last Worked", readonly=True)
    worked_seconds = fields.Float(
        string="Time at Work (s)", readonly=True, aggregator=None
    )
    line_count = fields.Integer(string="Documents", **COUNTED)
    done_count = fields.Integer(string="Made", **COUNTED)
    error_count = fields.Integer(string="Failed", **COUNTED)
    progress = fields.Float(help="Percent worked off.", **COUNTED)
    rate = fields.Float(
        string="Files per Second", digits=(12, 1), help="While at work.", **COUNTED
    )

    # === COMPUTE METHODS === #

    @api.depends("line_ids.state", "worked_seconds")
    def _compute_counts(self):
        lines = self.env["voip.document.run.line"]
        counts = {}
        for run, state, count in lines._read_group(
            [("run_id", "in", self.ids)], ["run_id", "state"], ["__count"]
        ):
            counts.setdefault(run.id, {})[state] = count
        for run in self:
            states = counts.get(run.id, {})
            total, waiting = sum(states.values()), states.get("waiting", 0)
            run.line_count = total
            run.done_count = states.get("done", 0)
            run.error_count = states.get("failed", 0)
            run.progress = 100.0 * (total - waiting) / total if total else 0.0
            files = len(FORMATS) * run.done_count
            seconds = run.worked_seconds
            run.rate = files / seconds if seconds else 0.0

    # === ACTION METHODS === #

    def action_stop(self):
        """Stop after the piece that is at work; what was made stays."""
        self.check_access("write")
        for run in self.filtered(lambda one: one.state == "running"):
            run.sudo().state = "stopped"

    def action_go_on(self):
        """Work off what waits; what failed is tried again."""
        self.check_access("write")
        for run in self.filtered(lambda one: one.state != "done"):
            lines = self.env["voip.document.run.line"].sudo()
            failed = lines.search(run._lines("failed"))
            failed.write({"state": "waiting", "fault": False})
            values = {"state": "running", "try_count": 0, **run._job_done_values()}
            run.sudo().write(values)
        self._wake_worker()

    def action_view_documents(self):
        self.check_access("read")
        self.ensure_one()
        moves = self.line_ids.move_id.ids
        return self.env["voip.document"]._shown([("move_id", "in", moves)])

    def action_view_errors(self):
        """The invoices that failed, each with its reason."""
        self.check_access("read")
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Not Made"),
            "res_model": "voip.document.run.line",
            "view_mode": "list",
            "domain": self._lines("failed"),
        }

    # === BUSINESS METHODS === #

    def _lines(self, state):
        """Domain of the lines in a state."""
        return [("run_id", "=", self.id), ("state", "=", state)]

    @api.model
    def _start(self, moves, is_mailed=False):
        """Runs of ``moves``, which the caller may read, one for each company."""
        runs = self.sudo().browse()
        for company, own in moves.sudo().grouped("company_id").items():
            now = self.env.cr.now().replace(microsecond=0)
            name = self.env._(
                "%(count)s documents, %(day)s", count=len(own), day=now.date()
            )
            run = runs.create(
                {
                    "name": name,
                    "company_id": company.id,
                    "user_id": self.env.uid,
                    "is_mailed": is_mailed,
                    "started_at": now,
                }
            )
            run._add(own)
            runs |= run
        runs._wake_worker()
        return runs.with_env(self.env)

    def _add(self, moves):
        self.env.cr.execute(
            "INSERT INTO voip_document_run_line (run_id, company_id, move_id, state)"
            " SELECT %s, %s, unnest(%s), 'waiting'",
            [self.id, self.company_id.id, sorted(moves.ids)],
        )
        self.env.invalidate_all()

    @api.model
    def _shown(self, runs):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "voip_documents.voip_document_run_action"
        )
        if len(runs) == 1:
            return {**action, "res_id": runs.id, "views": [(False, "form")]}
        return {**action, "domain": [("id", "in", runs.ids)]}

    def _tell_managers(self, note):
        """Nobody: whoever started it looks at its page."""

    def _untell_managers(self):
        """Nobody was told."""


class VoipDocumentRunLine(models.Model):
    _name = "voip.document.run.line"
    _inherit = ["voip.guard"]
    _description = "Document of a Run"
    _order = "id"
    _rec_name = "move_id"
    _check_company_auto = True

    run_id = fields.Many2one(
        "voip.document.run",
        required=True,
        readonly=True,
        index=True,
        check_company=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="run_id.company_id", store=True, index=True)
    move_id = fields.Many2one(
        "account.move",
        string="Invoice",
        required=True,
        readonly=True,
        index=True,
        check_company=True,
        ondelete="cascade",
    )
    state = fields.Selection(
        [("waiting", "Waiting"), ("done", "Made"), ("failed", "Failed")],
        required=True,
        readonly=True,
        default="waiting",
    )
    fault = fields.Char(string="Why Not Made", readonly=True)

    _once = models.Constraint(
        "UNIQUE(run_id, move_id)", "An invoice is in a run once."
    )
    _waiting = models.Index("(run_id, id) WHERE state = 'waiting'")

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("A line stays with its run."))
