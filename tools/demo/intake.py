"""Second act: call records come in, are rated, and compared with the reference."""

import base64
import csv
import io
from itertools import cycle
from operator import itemgetter

import expected as reckoning
import generator
import seed
import verdict
from stage import Stage

SIZES = (1_000, 2_500, 5_000, 10_000)


class Intake(Stage):
    """Half of the records through the machine door, half as a file."""

    def take_in(self):
        story = self.story
        rates = self.world.decks(self.month, self.zones)
        self.records = self.world.records(self.month, rates, self.zones)
        half = len(self.records) // 2
        with story.step(f"{half:,} records as JSON, from 1,000 to 10,000 a call"):
            batches = self.push(self.records[:half])
            story.say(f"{batches} batches stored, not rated yet")
        with story.step("The scheduled action rates them"):
            self.rate_waiting()
        with story.step(f"{half:,} records as a CSV file, by the upload wizard"):
            size = self.upload(self.records[half:])
            story.say(f"{size / 1e6:.1f} MB; rated by the scheduled action")
            self.rate_waiting()
        with story.step(f"{self.other.calls} records of {self.other.name}"):
            self.push_other()

    def push(self, records):
        """Send records in calls of several sizes, as the staff user of the switch."""
        door = seed.as_user(self.env, "user")["voip.cdr"]
        sizes, position, batches = cycle(SIZES), 0, 0
        while position < len(records):
            part = records[position : position + next(sizes)]
            answer = door.ingest(switch=self.world.switch, records=part)
            self.story.same("received", answer["received"], len(part))
            position += len(part)
            batches += 1
            self.commit()
        return batches

    def rate_waiting(self):
        self.root.ref("voip_rating.ir_cron_rate").method_direct_trigger()
        self.commit()
        states = verdict.rows_of(self.root, BATCH_SQL, self.env.company.id)
        self.story.same("batches that are not rated", [*states], [])

    def upload(self, records):
        stream = io.StringIO()
        writer = csv.writer(stream)
        writer.writerow(generator.FIELDS)
        writer.writerows(map(itemgetter(*generator.FIELDS), records))
        data = stream.getvalue().encode()
        env = seed.as_user(self.env, "user")
        switch = env["voip.switch"].search([("code", "=", self.world.switch)])
        upload = env["voip.cdr.upload"].create(
            {
                "switch_id": switch.id,
                "file": base64.b64encode(data),
                "file_name": f"calls-{self.month}.csv",
            }
        )
        upload.action_upload()
        self.commit()
        return len(data)

    def push_other(self):
        rates = self.other.decks(self.month, self.zones)
        records = self.other.records(self.month, rates, self.zones)
        door = seed.as_user(self.env2, "thames")["voip.cdr"]
        answer = door.ingest(switch=self.other.switch, records=records, rate_now=True)
        self.commit()
        self.story.say(
            f"rated in the call itself: {answer['rated']}, in error:"
            f" {answer['in_error']}; same switch, trunk, account and call codes"
        )

    def compare(self, told, told2):
        """Hold what was rated against the reference."""
        self.told, self.told2 = told, told2
        story = self.story
        with story.step("Every record is somewhere; every amount is right"):
            found = verdict.statuses(self.env, story, self.world, told)
            story.table(("became of the records", "count"), sorted(found.items()))
            sums = verdict.sums(self.env, story, told.accounts, told.lines)
            story.table(
                ("account", "attempts", "calls", "seconds", "amount", "cost (USD)"),
                [(code, *figures) for code, figures in sums.items()],
            )
            verdict.statuses(self.env2, story, self.other, told2)
            verdict.sums(self.env2, story, told2.accounts, told2.lines)
            self.show_wallets("after", reckoning.by_payer(self.world, told.accounts))
            story.agree("Counts, amounts, costs and wallets")


BATCH_SQL = """
SELECT id, state, message FROM voip_cdr_batch
 WHERE company_id = %s AND state <> 'done'
"""
