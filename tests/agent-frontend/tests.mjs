// The page driven for real, the same in each browser.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, describe, it } from "node:test";

import {
  bytesOf,
  downloadsAreKept,
  keptDownload,
  progressIsWatched,
  seenProgress,
  upload,
} from "./in-page.mjs";
import { personAt, until } from "./person.mjs";
import { setStage } from "./stage.mjs";

const MEGABYTES_50 = 50_000_000;
const SCRIPT_MS = 90_000;
const STEPS = ["plan", "write", "try", "read", "fix", "run", "serve", "publish"];

export function testPage(engine) {
  describe(`the page in ${engine}`, () => {
    let stage;
    let person;
    before(async () => {
      stage = await setStage(engine);
      person = personAt(stage.browser);
      await visit(person);
    });
    after(() => stage?.close());

    async function visit(who) {
      await who.tab.open(stage.url);
      await who.sees("#state", /^Active$/);
      await who.sees("#terminal-note", /^Connected$/);
    }

    /** The sandbox, as the backend would see it. */
    const sandboxOf = async (who) => stage.sandbox(await who.sandboxId());
    const sha256 = async (who, path) => {
      const { stdout } = await (await sandboxOf(who)).commands.run(`sha256sum '${path}'`, {
        timeoutMs: 60_000,
      });
      return stdout.split(" ")[0];
    };

    /** What there is of uploads that are not whole. */
    const partsLeft = async (who) =>
      (await (await sandboxOf(who)).commands.run("ls -A /home/user | grep superserve-")).stdout;

    async function begins(who) {
      await who.click((await who.text("#agent-over")) ? "#agent-over" : "#agent-start");
    }
    async function ends(who) {
      await who.stepIs("publish", "done", SCRIPT_MS);
      const steps = await who.steps();
      assert.deepEqual(
        STEPS.map((id) => `${id} ${steps[id].state}`),
        STEPS.map((id) => `${id} done`),
      );
      return steps;
    }
    /** What the frame shows is what the program printed last. */
    async function previewShows(who, steps) {
      const [, estimate] = /round 20 {2}pi = ([\d.]+)/.exec(steps.run.text);
      const shown = () =>
        who.tab.evaluateInFrame(() => document.querySelector("#value")?.textContent).catch(() => {});
      await until(`the preview to show ${estimate}`, async () => (await shown()) === estimate);
    }

    it("runs the agent's whole script", async () => {
      await begins(person);
      await person.stepIs("try", "running");
      // Its output comes while it runs.
      const early = await until("the first rounds", async () => {
        const { state, text } = (await person.steps()).try;
        return /round {2}2/.test(text) && state === "running" && text;
      });
      assert.doesNotMatch(early, /round 19/);

      const steps = await ends(person);
      assert.match(steps.plan.text, /small server shows the result/);
      assert.match(steps.write.text, /TOTAL = 200_000/);
      assert.match(steps.try.text, /Exit code 1/);
      assert.match(steps.try.text, /ZeroDivisionError/);
      assert.match(steps.fix.text, /\+ percent = 100 \* thrown \/\/ TOTAL\n/);
      assert.match(steps.run.text, /100 %\noff by/);
      assert.match(steps.serve.text, /serving on port \d+/);
      await previewShows(person, steps);
      await until("its files in the tree", async () =>
        (await person.tree()).some((name) => name.startsWith("agent-")),
      );
    });

    it("can be used by keyboard", async () => {
      await person.focus("#tree [role=treeitem]");
      const focused = () =>
        person.tab.evaluate(() => {
          const { activeElement: focused } = document;
          const row = focused.querySelector(":scope > .tree-name");
          return row?.textContent ?? focused.getAttribute("aria-label") ?? focused.id;
        });
      /** A key may have been pressed before the page has heard of it. */
      const focusIs = (what) => until(`the focus on ${what}`, async () => (await focused()).match(what));
      await focusIs(/^agent-\w+$/);
      await person.tab.press([ARROW_RIGHT]);
      await until("the directory to open", async () => (await person.tree()).includes("darts.py"));
      await person.tab.press([ARROW_DOWN]);
      await focusIs(/^site$/);
      await person.tab.press("s");
      await focusIs(/^serve\.py$/);
      await person.tab.press([ARROW_LEFT]);
      await focusIs(/^agent-\w+$/);
      await person.tab.press([ARROW_LEFT]);
      await until("the directory to close", async () => !(await person.tree()).includes("darts.py"));

      // The terminal takes Tab, and gives the focus away at F6.
      await person.focus(".xterm-helper-textarea");
      await person.tab.press([TAB]);
      await focusIs(/^Terminal input/);
      await person.tab.press([F6]);
      await focusIs(/^files$/);
      await person.tab.press([TAB]);
      await focusIs(/^files-refresh$/);
      // Firefox's window is never the active one here: keys reach the page, and press no button.
      const presses = () =>
        engine === "firefox"
          ? person.tab.evaluate(() => document.activeElement.click())
          : person.tab.press([ENTER]);
      await person.focus("#agent-over");
      await presses();
      // The button is gone while it runs, the focus is not.
      await focusIs(/^agent-stop$/);
      await presses();
      await until("the agent to stop", async () => /It was stopped/.test(await person.text("#steps")));
      await focusIs(/^agent-start$/);
      await presses();
      await ends(person);
    });

    it("uploads and downloads 50 MB, with progress that moves", async () => {
      const content = bytesOf(MEGABYTES_50, 1);
      const expected = createHash("sha256").update(content).digest("hex");
      // Nothing is selected in the tree of a new visit: it goes to the home directory.
      await visit(person);
      await progressIsWatched(person.tab);
      await upload(person.tab, "fifty.bin", MEGABYTES_50, 1);
      await person.sees(".transfer-state", /^Done$/, 120_000);
      assert.equal(await sha256(person, "/home/user/fifty.bin"), expected);
      moves(await seenProgress(person.tab));
      assert.equal(await partsLeft(person), "", "no part is left behind");
      await person.click(".transfer button");

      await progressIsWatched(person.tab);
      await downloadsAreKept(person.tab);
      await until("the file in the tree", async () => (await person.tree()).includes("fifty.bin"));
      await person.select("fifty.bin");
      await person.click("#files-download");
      await person.sees(".transfer-state", /^Done$/, 120_000);
      assert.deepEqual(await keptDownload(person.tab), {
        size: MEGABYTES_50,
        sha256: expected,
        name: "fifty.bin",
      });
      moves(await seenProgress(person.tab));
      await person.click(".transfer button");
    });

    function moves(values) {
      const between = values.filter((value) => value > 0 && value < 1);
      assert.ok(between.length >= 5, `it was seen at ${values.join(", ")}`);
      assert.deepEqual(
        between,
        between.toSorted((a, b) => a - b),
      );
    }

    it("types into the terminal, which follows the size of its panel", async () => {
      await person.types("echo $((6 * 7))x\n");
      await until("the answer", async () => /^42x/m.test(await person.screen()));
      const size = async () => {
        await person.types("clear; stty size\n");
        const [, rows, columns] = await until("the size", async () =>
          /^(\d+) (\d+)/m.exec(await person.screen()),
        );
        return { rows: Number(rows), columns: Number(columns) };
      };
      const shown = () => person.tab.evaluate(() => document.querySelector(".xterm-rows").children.length);
      await person.tab.resize(800, 700);
      await until("the small window", () => person.tab.evaluate(() => innerWidth <= 800));
      // A panel's size settles for a moment, and then the shell knows it too.
      const settled = async (fits) => {
        const now = await size();
        return now.rows === (await shown()) && fits(now) && now;
      };
      const small = await until("the small size", () => settled(({ columns }) => columns < 60));
      await person.tab.resize(1250, 1000);
      await until("the large size", () => settled(({ columns }) => columns > small.columns + 5));
    });

    it("has the terminal as it was after three reloads, with a program that fills it", async () => {
      const sandbox = await sandboxOf(person);
      const { stdout } = await sandbox.commands.run("for t in python3 tmux top vim; do command -v $t; done");
      if (!/python3|tmux/.test(stdout)) return console.log("# skipped: neither python3 nor tmux");
      const reload = async () => {
        await person.tab.reload();
        await person.sees("#terminal-note", /^Connected$/);
      };
      let screen;
      const shows = async (pattern, what, isIt = () => true) => {
        const looks = async () => pattern.test((screen = await person.screen())) && isIt();
        await until(what, looks).catch((error) => {
          throw new Error(`${error.message}, but ${JSON.stringify(screen)}`);
        });
      };
      // A program that fills the screen throws away, as it ends, what was typed and not read.
      const hasThePrompt = () => shows(/[$#]\s*$/, "the prompt");
      await person.types("x=kept; clear\n");
      if (/top$/m.test(stdout)) {
        await person.types("top\n");
        for (let times = 0; times < 4; times++) {
          // Once, and whole.
          await shows(
            /^top - /,
            "top",
            () => screen.split("\n").filter((line) => /PID\s+USER/.test(line)).length === 1,
          );
          if (times < 3) await reload();
        }
        await person.types("q");
        await hasThePrompt();
      } else console.log("# without top: this machine has none");
      if (/vim$/m.test(stdout)) {
        await person.types("clear\nvim -u NONE notes\n");
        await shows(/^~\s*$[\s\S]*notes/m, "vim");
        let typed = "one, two";
        await person.types(`i${typed}`);
        for (let times = 0; times < 3; times++) {
          await shows(new RegExp(`^${typed}\\s`), "what was typed in vim");
          await reload();
          await shows(new RegExp(`^${typed}\\s[^]*^~`, "m"), "vim after a reload");
          await person.types(`, ${times}`);
          typed += `, ${times}`;
        }
        await shows(new RegExp(`^${typed}\\s`), "what was typed in vim after reloads");
        await person.types("\uE00C:q!\n");
        await hasThePrompt();
      } else console.log("# without vim: this machine has none");
      await person.types("echo $x $((7 * 8))\n");
      await shows(/kept 56/, "the same shell");
    });

    it("goes on after a reload in mid-stream", async () => {
      await begins(person);
      await until("the stream", async () => /round {2}5/.test((await person.steps()).try.text));
      const before = (await person.steps()).plan.text;
      await person.tab.reload();
      await person.sees("#state", /^Active$/);
      const { text } = await person.stepIs("try", "running");
      assert.match(text, /The page was reloaded while this step ran, so it began again\./);
      const steps = await ends(person);
      assert.equal(steps.plan.text, before);
      assert.match(steps.try.text, /ZeroDivisionError/);
      await previewShows(person, steps);
      // What is done stays done, and is shown again.
      await person.tab.reload();
      await previewShows(person, await ends(person));
    });

    it("works in two tabs at once", async () => {
      const other = personAt(await stage.browser.newTab());
      await visit(other);
      assert.equal(await other.sandboxId(), await person.sandboxId());
      await Promise.all([begins(person), begins(other)]);
      const [mine, theirs] = await Promise.all([ends(person), ends(other)]);
      await previewShows(person, mine);
      await previewShows(other, theirs);
      const port = (steps) => /serving on port (\d+)/.exec(steps.serve.text)[1];
      assert.notEqual(port(mine), port(theirs));
      // The tree follows by itself in the tab that is looked at, the other's when it is told to. Without a screen, WebKit's
      // new tab stays behind the first.
      const isBehind = await other.tab.evaluate(() => document.hidden);
      const [front, behind] = isBehind ? [person, other] : [other, person];
      const has = async (who, name) => (await who.tree()).includes(name);
      await front.types("touch made-in-front\n");
      await until("the file", () => has(front, "made-in-front"));
      await until("the file in the other tab", async () => {
        await behind.click("#files-refresh");
        return has(behind, "made-in-front");
      });
      await front.types("mv made-in-front renamed-there\n");
      await until("its new name", () => has(front, "renamed-there"));
      assert.ok(!(await has(front, "made-in-front")));
      await front.types("rm renamed-there\n");
      await until("the file to go", async () => !(await has(front, "renamed-there")));

      await other.click("#pause");
      await other.sees("#state", /^Paused$/);
      await person.sees("#state", /^Paused$/);
      // The tab that is looked at now follows again, which wakes nothing.
      assert.equal(await stage.status(await person.sandboxId()), "paused");
      await person.click("#pause");
      await other.sees("#state", /^Active$/);
      await other.tab.close();
    });

    it("renews its ticket when that expires under way", async () => {
      await stage.backend.stop();
      await stage.backend.start({ ticketSeconds: 2 });
      await visit(person);
      await begins(person);
      const steps = await ends(person);
      for (const id of STEPS) assert.doesNotMatch(steps[id].text, /began again/);
      const renewals = () =>
        person.tab.evaluate(
          () =>
            performance.getEntriesByType("resource").filter(({ name }) => name.endsWith("/api/ticket"))
              .length,
        );
      assert.ok((await renewals()) >= 3, `it was renewed ${await renewals()} times`);
      await previewShows(person, steps);
      // A terminal that is open stays open; one that is opened with an old ticket gets a new one.
      await person.types("echo still $((3 * 7))\nexit\n");
      await person.sees("#terminal-note", /^Ended$/);
      await until("what was typed", async () => /^still 21/m.test(await person.screen()));
      await person.click("#terminal-restart");
      await person.sees("#terminal-note", /^Connected$/);
      await person.types("echo again $((4 * 7))\n");
      await until("the new shell", async () => /^again 28/m.test(await person.screen()));
      assert.equal(await person.text("#notice"), undefined);
      await stage.backend.stop();
      await stage.backend.start();
    });

    it("goes on when the relay is restarted under way", async () => {
      await visit(person);
      await begins(person);
      await until("the stream", async () => /round {2}3/.test((await person.steps()).try.text));
      await stage.backend.stop();
      await person.sees("#notice-text", /The server cannot be reached\. Trying again\./);
      await person.sees("#state", /^No connection$/);
      await person.sees("#terminal-note", /Trying again/);
      await stage.backend.start();

      const steps = await ends(person);
      assert.match(steps.try.text, /The step began again\./);
      assert.match(steps.try.text, /ZeroDivisionError/);
      await previewShows(person, steps);
      await until("the notice to go", async () => (await person.text("#notice")) === undefined);
      await person.sees("#terminal-note", /^Connected$/);
      await person.types("echo back $((5 * 7))\n");
      await until("a shell", async () => /^back 35/m.test(await person.screen()));
    });

    it("completes an upload during which the relay is restarted", async () => {
      await visit(person);
      await upload(person.tab, "restart.bin", MEGABYTES_50, 2);
      await person.sees(".transfer-state", /MB of 50/);
      await stage.backend.stop();
      await person.sees(".transfer-state", /The server cannot be reached\. Trying again\./);
      await stage.backend.start();
      await person.sees(".transfer-state", /^Done$/, 60_000);
      const expected = createHash("sha256").update(bytesOf(MEGABYTES_50, 2)).digest("hex");
      assert.equal(await sha256(person, "/home/user/restart.bin"), expected);
      await person.click(".transfer button");
    });

    it("pauses and resumes, and wakes a paused sandbox for nothing", async () => {
      await visit(person);
      const id = await person.sandboxId();
      await person.types("kept=$((11 * 11))\n");
      await begins(person);
      await until("the stream", async () => /round {2}3/.test((await person.steps()).try.text));
      await person.click("#pause");
      await person.sees("#state", /^Paused$/);
      await person.sees("#notice-text", /The sandbox is paused/);
      await person.sees("#terminal-note", /^Paused$/);
      await person.sees("#files-target", /not active/);
      // The page looks at it, and it sleeps on.
      const looks = () =>
        person.tab.evaluate(
          (id) =>
            performance.getEntriesByType("resource").filter(({ name }) => name.endsWith(`/sandboxes/${id}`))
              .length,
          id,
        );
      const before = await looks();
      await until("two looks", async () => (await looks()) >= before + 2);
      assert.equal(await stage.status(id), "paused");

      await person.click("#pause");
      await person.sees("#state", /^Active$/);
      await person.types("echo kept $kept\n");
      await until("the shell to be the same", async () => /^kept 121/m.test(await person.screen()));
      const steps = await ends(person);
      assert.doesNotMatch(steps.try.text, /began again/);
      await previewShows(person, steps);

      // An upload waits as well.
      await upload(person.tab, "waits.bin", MEGABYTES_50, 3);
      await person.sees(".transfer-state", /MB of 50/);
      await person.click("#pause");
      await person.sees("#state", /^Paused$/);
      await person.sees(".transfer-state", /Waits until the sandbox is active/);
      assert.equal(await stage.status(id), "paused");
      await person.click("#pause");
      await person.sees(".transfer-state", /^Done$/, 60_000);
      await person.click(".transfer button");

      // One that is cancelled meanwhile wakes nothing either, and leaves nothing.
      await upload(person.tab, "never.bin", MEGABYTES_50, 4);
      await person.sees(".transfer-state", /MB of 50/);
      await person.click("#pause");
      await person.sees("#state", /^Paused$/);
      await person.sees(".transfer-state", /Waits until the sandbox is active/);
      await person.click(".transfer button");
      await until("the transfer to go", async () => (await person.text("#transfers")) === undefined);
      assert.equal(await stage.status(id), "paused");
      await person.click("#pause");
      await person.sees("#state", /^Active$/);
      await until("nothing to be left", async () => (await partsLeft(person)) === "");
      assert.ok(!(await person.tree()).includes("never.bin"));

      await person.click("#pause");
      await person.sees("#state", /^Paused$/);
      await person.tab.reload();
      await person.sees("#state", /^Paused$/);
      await person.sees("#terminal-note", /^Waiting for the sandbox$/);
      // An agent that is started now waits.
      await begins(person);
      await person.sees("[data-step=plan]", /Waits until the sandbox is active/);
      assert.equal(await stage.status(id), "paused");
      await person.click("#pause");
      await ends(person);
    });

    it("builds a template, with its log and progress", async () => {
      await progressIsWatched(person.tab, "#build-bar");
      await person.click("#build-start");
      await person.sees("#build-log", /sample data, part 2 of 6/);
      assert.doesNotMatch(await person.text("#build-log"), /part 6 of 6/);
      // The log comes again, from its start, and goes on.
      await person.tab.reload();
      await person.sees("#build-state", /^Ready after/);
      const log = await person.text("#build-log");
      for (const part of [1, 2, 3, 4, 5, 6])
        assert.equal(log.split(`sample data, part ${part} of 6\n`).length, 2);
      assert.equal(await person.tab.evaluate(() => document.querySelector("#build-bar").position), 1);

      // So it does when the backend is restarted.
      await person.click("#build-start");
      await person.sees("#build-log", /sample data, part 2 of 6/);
      await stage.backend.stop();
      await person.sees("#build-state", /The connection was lost/);
      await stage.backend.start();
      await person.sees("#build-state", /^Ready after/);
      assert.equal((await person.text("#build-log")).split("sample data, part 2 of 6\n").length, 2);

      await progressIsWatched(person.tab, "#build-bar");
      await person.click("#build-start");
      await person.sees("#build-state", /^Ready after/);
      assert.ok((await seenProgress(person.tab)).filter((value) => value > 0 && value < 1).length >= 3);

      await person.tab.evaluate(() => (document.querySelector("#build-recipe").value = "broken"));
      await person.click("#build-start");
      await person.sees(
        "#build-state",
        /^A step of the build failed: step 3\/3 failed .* exited with code 1$/,
      );
      assert.match(await person.text("#build-log"), /No such file or directory/);
    });

    it("says what went wrong, and what to do", async () => {
      await begins(person);
      await person.stepIs("try", "running");
      await person.click("#agent-stop");
      const { text } = await person.stepIs("try", "failed");
      assert.match(text, /It was stopped\.\s+Retry/);
      await person.click("[data-step=try] .step-error button");
      await ends(person);

      // A program of the agent's that does not work any more.
      await begins(person);
      await person.stepIs("write", "done");
      await (await sandboxOf(person)).commands.run("sleep 1; rm -f /home/user/agent-*/darts.py");
      const failed = await person.stepIs("fix", "failed");
      assert.match(failed.text, /It is not there any more\.\s+Retry/);

      const id = await person.sandboxId();
      await (await sandboxOf(person)).kill();
      // Before the page finds out by itself: where it has, a button that may not be pressed does nothing.
      await person.tab.evaluate(() => document.querySelector("#pause").click());
      await person.sees("#notice-text", /This sandbox was deleted/);
      await person.click("#notice-action");
      await person.sees("#state", /^Active$/);
      assert.notEqual(await person.sandboxId(), id);
      await person.sees("#agent-note", /^8 steps$/);
    });

    it("was never sent the API key or an access token", () => {
      const toPage = stage.toPage.said();
      const secrets = new Set([stage.apiKey]);
      for (const [, token] of stage.toService
        .said()
        .toString("latin1")
        .matchAll(/"access_token":"([^"]+)"/g))
        secrets.add(token);
      assert.ok(secrets.size > 3, "there were tokens to find");
      assert.ok(toPage.length > MEGABYTES_50 && toPage.includes("Agent workspace"), "all was listened to");
      for (const secret of secrets) assert.ok(!toPage.includes(secret));
    });
  });
}

const [ARROW_LEFT, ARROW_RIGHT, ARROW_DOWN] = ["\uE012", "\uE014", "\uE015"];
const [TAB, ENTER, F6] = ["\uE004", "\uE007", "\uE036"];
