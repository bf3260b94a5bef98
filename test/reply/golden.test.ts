/** Each form of the reply as a whole mail, byte for byte, and as a person sees it in a mail reader. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { before, describe, test } from "node:test";
import { packagePath } from "../../src/package-root.ts";
import { asMbox } from "../e2e/git-mails.ts";
import { noNeomutt, openNeomutt, readerLines } from "../support/neomutt.ts";
import { formMails, type FormMail } from "./forms.ts";

const NAMES: readonly FormMail["name"][] = ["common", "conditions", "delta", "correction"];
/** A table and what explains it fit a screen. */
const PAGE = 80;

describe("the forms of the reply", () => {
  const made = new Map<string, FormMail>();
  before(async () => {
    for (const form of await formMails()) made.set(form.name, form);
  });

  function formOf(name: string): FormMail {
    const form = made.get(name);
    assert.ok(form);
    return form;
  }

  for (const name of NAMES) {
    test(`${name}: byte for byte`, () => {
      const golden = packagePath("test", "fixtures", "replies", `${name}.eml`);
      assert.equal(formOf(name).mail, readFileSync(golden, "utf8"));
    });

    test(`${name}: plain lines that no mailer has to touch`, () => {
      const body = formOf(name).mail.split("\n\n").slice(1).join("\n\n");
      assert.match(body, /^[\t\n\x20-\x7e]*$/);
      for (const line of body.split("\n")) {
        assert.equal(line, line.trimEnd());
        assert.ok(line.length <= 97 || line.startsWith("> "), line);
        assert.doesNotMatch(line, /^(?:From |diff -|Index: |---|-- ?$)/);
      }
    });

    test(
      `${name}: in neomutt, under the mail it answers and with an unbroken table`,
      { skip: noNeomutt },
      async () => {
        const { thread, mail } = formOf(name);
        const reader = await openNeomutt({ mbox: asMbox([...thread, mail]) });
        try {
          const index = await reader.index(thread.length + 1);
          const answered = thread.length - 1;
          assert.match(index[answered + 1] ?? "", /avicbot .*[`'|\\-]+>/);
          assert.ok(
            (index[answered + 1]?.indexOf(">") ?? 0) > (index[answered]?.indexOf(">") ?? 0),
            index.join("\n"),
          );
          const shown = await reader.read(thread.length + 1);
          const table = readerLines(mail).filter((line) => line.startsWith("|") || line.startsWith("+-"));
          assert.deepEqual(
            shown.filter((line) => line.startsWith("|") || line.startsWith("+-")),
            table,
          );
        } finally {
          await reader.close();
        }
      },
    );
  }

  test("the common form is a page", () => {
    const body = formOf("common").mail.split("\n\n").slice(1).join("\n\n");
    assert.ok(body.split("\n").length <= PAGE, `${body.split("\n").length} lines`);
  });
});
