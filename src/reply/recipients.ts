/**
 * To whom a reply goes. By default the author and the lists that the mail came by, and nobody else: that is
 * what the lists ask of bots.
 */
import { cleanAddress, cleanLine } from "./clean.ts";

export interface Mailbox {
  readonly name: string;
  readonly address: string;
}

/** Who may get replies by a list: `all` are those whom the author wrote to, too. */
export type RecipientsRule = "author-and-list" | "author-only" | "all";

export interface ListRule {
  readonly address: string;
  readonly recipients: RecipientsRule;
}

/** What is looked at of the mail that is answered; a parsed `Message` fits. */
export interface Addressed {
  readonly from: Mailbox | null;
  readonly replyTo: readonly Mailbox[];
  /** Mail-Followup-To: where its author wants answers that go to a list. */
  readonly followupTo: readonly Mailbox[];
  readonly to: readonly Mailbox[];
  readonly cc: readonly Mailbox[];
  /** Of its List-Id: `kvm.vger.kernel.org`. */
  readonly lists: readonly string[];
}

export interface RecipientOptions {
  /** The configured lists. */
  readonly lists: readonly ListRule[];
  /** Further names of lists that it is known to have come by. */
  readonly came?: readonly string[];
  /** Addresses that get no mail, lower case: avicbot's own, and those of people who opted out. */
  readonly silent: readonly string[];
  /** How many addresses a reply may have. */
  readonly limit: number;
}

export interface Recipients {
  readonly to: readonly Mailbox[];
  readonly cc: readonly Mailbox[];
}

function lower({ address }: { readonly address: string }): string {
  return address.toLowerCase();
}

/** The configured lists that a mail was sent to or came by. */
export function listsOf<T extends ListRule>(
  { to, cc, lists }: Pick<Addressed, "to" | "cc" | "lists">,
  configured: readonly T[],
  came: readonly string[] = [],
): T[] {
  const written = new Set([...to, ...cc].map(lower));
  const names = new Set([...lists, ...came].map((name) => name.toLowerCase()));
  return configured.filter((list) => {
    const address = lower(list);
    return written.has(address) || names.has(address.replace("@", "."));
  });
}

/** Mailboxes that may be written to, each once, without those that are `without` (lower case). */
export function usableBoxes(boxes: readonly Mailbox[], without: ReadonlySet<string> = new Set()): Mailbox[] {
  const seen = new Set(without);
  return boxes.flatMap((box) => {
    const address = cleanAddress(box.address);
    if (address === null || seen.has(address.toLowerCase())) return [];
    seen.add(address.toLowerCase());
    return [{ name: cleanLine(box.name, 100), address }];
  });
}

/** Where the author wants answers: Reply-To, also behind a list that rewrote From. */
function authorsOf({ from, replyTo }: Addressed, lists: ReadonlySet<string>): readonly Mailbox[] {
  const persons = replyTo.filter((box) => !lists.has(lower(box)));
  if (persons.length > 0) return persons;
  return from === null || replyTo.length > 0 ? [] : [from];
}

/** Only what Mail-Followup-To allows, where there is one; the author alone is left out by it, never added. */
function followed(boxes: readonly Mailbox[], { followupTo }: Addressed): readonly Mailbox[] {
  if (followupTo.length === 0) return boxes;
  const allowed = new Set(followupTo.map(lower));
  return boxes.filter((box) => allowed.has(lower(box)));
}

/** Whether the author asked to be left out of answers that the lists get. */
function isLeftOut(invited: readonly Mailbox[], { replyTo, followupTo }: Addressed): boolean {
  return invited.length === 0 && (replyTo.length > 0 || followupTo.length > 0);
}

function othersOf(mail: Addressed, copied: readonly ListRule[]): readonly Mailbox[] {
  const all = copied.length > 0 && copied.every(({ recipients }) => recipients === "all");
  return all ? followed([...mail.to, ...mail.cc], mail) : [];
}

/** To and Cc of a reply; both are empty when its author cannot be written to. */
export function recipientsOf(mail: Addressed, options: RecipientOptions): Recipients {
  const copied = listsOf(mail, options.lists, options.came).filter(
    ({ recipients }) => recipients !== "author-only",
  );
  const lists = followed(
    copied.map((list) => ({ name: "", address: lower(list) })),
    mail,
  );
  const authors = authorsOf(mail, new Set(options.lists.map(lower)));
  const invited = lists.length > 0 ? followed(authors, mail) : authors;
  const silent = new Set(options.silent);
  const to = usableBoxes(isLeftOut(invited, mail) ? lists : invited, silent).slice(0, options.limit);
  if (to.length === 0) return { to, cc: [] };
  const known = new Set([...silent, ...to.map(lower)]);
  const cc = usableBoxes([...lists, ...othersOf(mail, copied)], known);
  return { to, cc: cc.slice(0, options.limit - to.length) };
}
