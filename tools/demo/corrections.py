"""Third act: the error queue is worked off."""

import json

import expected as reckoning
import seed
import verdict
import world as worlds
from stage import Stage

NOTE = "Agreed with the customer: not charged"


class Corrections(Stage):
    """Some records are put right and rated, the rest is dismissed with a note."""

    def work_off_errors(self):
        story = self.story
        with story.step("Billing stops while records have no price"):
            run = self.new_run(self.env)
            run.action_run()
            story.same("run", run.state, "stopped")
            story.say(run.stop_reason)
            run.unlink()
            self.commit()
        with story.step("Errors are put right and rated again, the rest dismissed"):
            self.mend()
            self.commit()
            self.settle_errors()

    def settle_errors(self):
        story, told = self.story, self.told
        fixed = self.rate_again()
        story.same("corrected and rated", fixed, told.fixed)
        count = self.dismiss(self.env) + self.dismiss(self.env2)
        story.say(f"{fixed} corrected and rated, {count} dismissed with a note")
        verdict.sums(self.env, story, told.fixed_accounts, told.fixed_lines)
        self.unbilled = reckoning.by_payer(self.world, told.fixed_accounts)
        self.show_wallets("now", self.unbilled)
        story.agree("Corrections")

    def errors(self, env, *domain):
        return env["voip.cdr.error"].search(
            [("company_id", "=", env.company.id), ("state", "=", "open"), *domain]
        )

    def mend(self):
        """Correct records; load the rates that were missing."""
        more = worlds.mended_decks(self.world, self.month, self.zones)
        for code, rates in more.items():
            result = self.parties[0][code]._load(rates)
            self.story.same(f"errors loading {code}", result["errors"], [])
        sent = {record["call_id"]: record for record in self.records}
        accounts = self.world.account_dicts()
        staff = seed.as_user(self.env, "user")
        for error in self.errors(staff, ("code", "in", ("unknown_trunk", "bad_time"))):
            record = sent[error.call_id]
            fields = worlds.correction(record, error.code, accounts)
            if "trunk" in fields:
                error.fix_trunk = fields["trunk"]
            else:
                error.fix = json.dumps(fields)

    def rate_again(self):
        staff = seed.as_user(self.env, "user")
        errors = self.errors(staff, ("code", "in", worlds.MENDED))
        errors.action_rate_again()
        self.commit()
        return len(errors.filtered(lambda error: error.state == "fixed"))

    def dismiss(self, env):
        errors = self.errors(env)
        errors.note = NOTE
        errors.action_dismiss()
        self.commit()
        return len(errors)
