/** Mails of patch series as lists carry them; their diffs are made up. */

export interface PatchMail {
  id: string;
  /** `v2 1/3`, or nothing for a single patch. */
  tag?: string;
  title?: string;
  author?: string;
  inReplyTo?: string;
  /** Minutes after the first of the tests' times. */
  minute?: number;
  /** Of the file its diff changes; null: a cover letter. */
  path?: string | null;
  body?: string;
  headers?: string;
}

export function patchMail(mail: PatchMail): string {
  const minute = mail.minute ?? 0;
  const date = new Date(Date.parse("2026-01-05T10:00:00Z") + minute * 60_000).toUTCString();
  const path = mail.path === undefined ? "arch/x86/kvm/svm/avic.c" : mail.path;
  const lines = [
    `From: Ann Author <${mail.author ?? "ann@example.org"}>`,
    `To: kvm@vger.kernel.org`,
    `Message-ID: <${mail.id}>`,
    `Subject: [PATCH${mail.tag === undefined ? "" : ` ${mail.tag}`}] ${mail.title ?? "KVM: SVM: Change the timer"}`,
    `Date: ${date.replace("GMT", "+0000")}`,
    `List-Id: <kvm.vger.kernel.org>`,
    ...(mail.inReplyTo === undefined
      ? []
      : [`In-Reply-To: <${mail.inReplyTo}>`, `References: <${mail.inReplyTo}>`]),
    ...(mail.headers === undefined ? [] : [mail.headers]),
    "",
    mail.body ?? "Words.",
    ...(path === null ? [] : diffOf(path)),
    "-- ",
    "2.45.0",
    "",
  ];
  return lines.join("\n");
}

function diffOf(path: string): string[] {
  return [
    "---",
    `diff --git a/${path} b/${path}`,
    "index 1111111..2222222 100644",
    `--- a/${path}`,
    `+++ b/${path}`,
    "@@ -1,3 +1,3 @@",
    " one",
    "-two",
    "+three",
    " four",
  ];
}

/** A cover and its parts, threaded; only the last part is about AVIC. */
export function seriesMails(name: string, total: number, version = 1): string[] {
  const v = version === 1 ? "" : `v${version} `;
  const minute = (version - 1) * 1440;
  const cover = `${name}-${version}-0@x`;
  const parts = Array.from({ length: total }, (_, at) =>
    patchMail({
      id: `${name}-${version}-${at + 1}@x`,
      tag: `${v}${at + 1}/${total}`,
      title: `${name}: part ${at + 1}`,
      inReplyTo: cover,
      minute,
      path: at + 1 === total ? "arch/x86/kvm/svm/avic.c" : "drivers/net/other.c",
    }),
  );
  return [
    patchMail({ id: cover, tag: `${v}0/${total}`, title: `${name}: all`, minute, path: null }),
    ...parts,
  ];
}
