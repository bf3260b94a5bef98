/** Pages of the list of series, worked out in Redis from the indexes: only the records of the page are read. */
import { facetKey, wordsOf } from "./facets.ts";
import { key, singleKey } from "./keys.ts";
import { readRecords, type Db } from "./record.ts";
import { SERIES_STATES, type SeriesRecord, type SeriesState } from "./series.ts";

export const ORDERS = ["date", "activity", "author", "changes"] as const;
export type Order = (typeof ORDERS)[number];

/** Who asks: hidden series are there for an operator alone. */
export type Audience = "public" | "operator";

/** `pending`: whatever somebody waits for; `closed`: superseded, merged or ignored; or one state. */
export const LISTED_STATES = ["pending", "closed", "all", ...SERIES_STATES] as const;

export interface ListQuery {
  readonly state: (typeof LISTED_STATES)[number];
  readonly verdict?: string | undefined;
  /** Address, name, or a word of either. */
  readonly author?: string | undefined;
  /** `kvm.vger.kernel.org`, or the list's address. */
  readonly list?: string | undefined;
  /** Words of titles and authors, or how they begin. */
  readonly text?: string | undefined;
  readonly order: Order;
  readonly ascending: boolean;
  readonly limit: number;
  /** Where the page before ended; see `ListPage`. */
  readonly cursor?: string | undefined;
  readonly audience: Audience;
}

export interface ListPage {
  /** Of all pages together. */
  readonly total: number;
  readonly series: readonly SeriesRecord[];
  /** Asks for the page after this one; null: this is the last. */
  readonly next: string | null;
}

/** A cursor that is none. */
export class BadCursor extends Error {
  override readonly name = "BadCursor";
}

interface Place {
  readonly score: number;
  readonly member: string;
}

function encodeCursor({ score, member }: Place): string {
  return Buffer.from(`${score} ${member}`).toString("base64url");
}

function decodeCursor(text: string): Place {
  const found = /^(?<score>-?[0-9]{1,17}) (?<member>[0-9a-f]{32})$/.exec(
    Buffer.from(text.slice(0, 200), "base64url").toString("latin1"),
  )?.groups;
  if (found === undefined) throw new BadCursor("the cursor is none of this server; start without one");
  return { score: Number(found["score"]), member: found["member"] ?? "" };
}

const ALL_ORDERS = {
  date: "by-date",
  activity: "by-activity",
  author: "by-author",
  changes: "by-changes",
} as const;
const PREFIX_WORDS = 50;
const SEARCHED_WORDS = 8;

/**
 * KEYS: order, hidden, filters, then the sets of each group of alternatives. ARGV: whether descending, how many,
 * whether hidden ones are left out, number of filters, score and member of the cursor (or ""), sizes of groups.
 * Answers with the total, then member and score of each series of the page and of one more if there is one.
 */
const LIST_SCRIPT = `
local descending, limit, hide, filters = ARGV[1] == '1', tonumber(ARGV[2]), ARGV[3] == '1', tonumber(ARGV[4])
local score, member = tonumber(ARGV[5]), ARGV[6]
local hidden, hiddenCount = {}, 0
if hide then
  for _, one in ipairs(redis.call('SMEMBERS', KEYS[2])) do
    hidden[one] = true
    if redis.call('ZSCORE', KEYS[1], one) then hiddenCount = hiddenCount + 1 end
  end
end
local function after(s, m)
  if score == nil then return true end
  if s ~= score then if descending then return s < score else return s > score end end
  if descending then return m < member else return m > member end
end
if filters == 0 and #ARGV == 6 then
  local found, start = {}, 0
  local rank, range = 'ZRANK', 'ZRANGE'
  if descending then rank, range = 'ZREVRANK', 'ZREVRANGE' end
  if score ~= nil then
    local at = redis.call(rank, KEYS[1], member)
    if at and tonumber(redis.call('ZSCORE', KEYS[1], member)) == score then start = at + 1 end
  end
  repeat
    local chunk = redis.call(range, KEYS[1], start, start + limit, 'WITHSCORES')
    for i = 1, #chunk, 2 do
      if #found <= 2 * limit and not hidden[chunk[i]] and after(tonumber(chunk[i + 1]), chunk[i]) then
        found[#found + 1] = chunk[i]
        found[#found + 1] = chunk[i + 1]
      end
    end
    start = start + limit + 1
  until #chunk == 0 or #found > 2 * limit
  table.insert(found, 1, redis.call('ZCARD', KEYS[1]) - hiddenCount)
  return found
end
local inter = {'ZINTER', filters + 1, KEYS[1]}
for i = 1, filters do inter[#inter + 1] = KEYS[2 + i] end
inter[#inter + 1] = 'WEIGHTS'
inter[#inter + 1] = 1
for i = 1, filters do inter[#inter + 1] = 0 end
inter[#inter + 1] = 'WITHSCORES'
local rows = redis.call(unpack(inter))
local groups, at = {}, 2 + filters
for g = 7, #ARGV do
  local group = {}
  for i = 1, tonumber(ARGV[g]) do
    at = at + 1
    for _, one in ipairs(redis.call('SMEMBERS', KEYS[at])) do group[one] = true end
  end
  groups[#groups + 1] = group
end
local function fits(m)
  if hidden[m] then return false end
  for _, group in ipairs(groups) do if not group[m] then return false end end
  return true
end
local total, found = 0, {}
local first, last, step = 1, #rows - 1, 2
if descending then first, last, step = #rows - 1, 1, -2 end
for i = first, last, step do
  if fits(rows[i]) then
    total = total + 1
    if #found <= 2 * limit and after(tonumber(rows[i + 1]), rows[i]) then
      found[#found + 1] = rows[i]
      found[#found + 1] = rows[i + 1]
    end
  end
end
table.insert(found, 1, total)
return found`;

/** The sets of words that begin as each word of the text does. */
async function wordGroups(db: Db, text: string): Promise<string[][]> {
  const words = wordsOf(text, SEARCHED_WORDS);
  const found = words.map((word) =>
    db.redis.zrangebylex(singleKey("words"), `[${word}`, `[${word}\uffff`, "LIMIT", 0, PREFIX_WORDS),
  );
  return (await Promise.all(found)).map((all) => all.map((word) => facetKey("word", word)));
}

function filterKeys({ state, verdict, author, list }: ListQuery): string[] {
  const scope: Record<string, string[]> = {
    pending: [singleKey("open")],
    closed: [singleKey("closed")],
    all: [],
  };
  return [
    ...(scope[state] ?? [facetKey("state", state)]),
    ...(verdict === undefined ? [] : [facetKey("verdict", verdict)]),
    ...(author === undefined ? [] : [facetKey("author", author)]),
    ...(list === undefined ? [] : [facetKey("list", list.replace("@", "."))]),
  ];
}

/** Throws BadCursor. */
export async function listSeries(db: Db, query: ListQuery): Promise<ListPage> {
  const groups = query.text === undefined ? [] : await wordGroups(db, query.text);
  if (groups.some((group) => group.length === 0)) return { total: 0, series: [], next: null };
  const only = groups.flatMap((group) => (group.length === 1 ? group : []));
  const several = groups.filter((group) => group.length > 1);
  const filters = [...filterKeys(query), ...only];
  // The open series are kept in the order of their dates: nothing has to be intersected.
  const plain =
    filters.length === 1 && query.state === "pending" && several.length === 0 && query.order === "date";
  const order = plain ? singleKey("open") : singleKey(ALL_ORDERS[query.order]);
  const used = plain ? [] : filters;
  const keys = [order, singleKey("hidden"), ...used, ...several.flat()];
  const cursor = query.cursor === undefined ? null : decodeCursor(query.cursor);
  const answer = (await db.redis.eval(
    LIST_SCRIPT,
    keys.length,
    ...keys,
    query.ascending ? 0 : 1,
    query.limit,
    query.audience === "public" ? 1 : 0,
    used.length,
    cursor?.score ?? "",
    cursor?.member ?? "",
    ...several.map((group) => group.length),
  )) as [number, ...string[]];
  return readPage(db, answer, query.limit);
}

async function readPage(db: Db, [total, ...flat]: [number, ...string[]], limit: number): Promise<ListPage> {
  const places = flat.flatMap((member, at): Place[] =>
    at % 2 === 0 ? [{ member, score: Number(flat[at + 1]) }] : [],
  );
  const shown = places.slice(0, limit);
  const last = shown.at(-1);
  const series = await readRecords<SeriesRecord>(
    db,
    shown.map(({ member }) => key("series", member)),
  );
  return { total, series, next: places.length > limit && last !== undefined ? encodeCursor(last) : null };
}

/** How many series are in a state, all of them or without the hidden ones. */
export async function countSeries(db: Db, state: SeriesState, audience: Audience): Promise<number> {
  const where = facetKey("state", state);
  const count = await db.redis.scard(where);
  if (audience === "operator" || count === 0) return count;
  return count - (await db.redis.sintercard(2, where, singleKey("hidden")));
}
