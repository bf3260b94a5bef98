/** RFC 5322 3.3 dates, with the obsolete forms that are still about. */

const DATE =
  /^\s{0,9}(?:[a-z]{3,9}\s{0,3},?\s{1,9})?(\d{1,2})[\s-]{1,9}([a-z]{3})[a-z]{0,6}[\s-]{1,9}(\d{2,4})\s{1,9}(\d{1,2}):(\d{2})(?::(\d{2}))?\s{0,9}([+-]\d{4}|[a-z]{1,5})?/i;
const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
/** Hours of the named zones of RFC 5322 4.3; other names count as UTC. */
const ZONES = new Map([
  ["EST", -5],
  ["EDT", -4],
  ["CST", -6],
  ["CDT", -5],
  ["MST", -7],
  ["MDT", -6],
  ["PST", -8],
  ["PDT", -7],
]);

/** ISO 8601 in UTC with milliseconds, or null for what is no date between 1970 and 2200. */
export function parseDate(raw: string): string | null {
  const found = DATE.exec(raw.slice(0, 200));
  if (!found) return null;
  const [, day = "", month = "", year = "", hour = "", minute = "", second = "0", zone = ""] = found;
  const monthIndex = MONTHS.indexOf(month.toLowerCase());
  const fullYear = expandYear(Number(year), year.length);
  if (monthIndex < 0 || fullYear < 1970 || fullYear > 2200) return null;
  const inRange = Number(day) <= 31 && Number(hour) <= 23 && Number(minute) <= 59 && Number(second) <= 60;
  if (!inRange) return null;
  const local = Date.UTC(fullYear, monthIndex, Number(day), Number(hour), Number(minute), Number(second));
  return new Date(local - zoneMinutes(zone) * 60_000).toISOString();
}

/** Two and three digits as in RFC 5322 4.3. */
function expandYear(year: number, digits: number): number {
  if (digits === 3) return year + 1900;
  if (digits === 2) return year < 50 ? year + 2000 : year + 1900;
  return year;
}

function zoneMinutes(zone: string): number {
  if (/^[+-]/.test(zone)) {
    const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(3));
    return zone.startsWith("-") ? -minutes : minutes;
  }
  return (ZONES.get(zone.toUpperCase()) ?? 0) * 60;
}
