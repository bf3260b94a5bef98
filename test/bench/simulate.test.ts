import { describe, test } from "node:test";
import assert from "node:assert/strict";
import { simulate } from "../../bench/harness/simulate.ts";

const LOAD = { seed: 5, days: 60, mailsADay: 4000, run: 1, series: 0.01, waves: false };

describe("the service played through", () => {
  test("the same seed gives the same year", () => {
    const costs = { mail: 0.01, review: 1, workers: 1 };
    assert.deepEqual(simulate(LOAD, costs), simulate(LOAD, costs));
  });

  test("a worker that is busy half the time makes work wait as M/M/1 says: twice its own time", () => {
    const review = DAY_SECONDS / (LOAD.mailsADay * LOAD.series) / 2;
    const { workersBusy, reviewed } = simulate({ ...LOAD, days: 2000 }, { mail: 0.001, review, workers: 1 });
    assert.ok(Math.abs(workersBusy - 0.5) < 0.02, `${workersBusy}`);
    // The median of an exponential distribution with that mean.
    const expected = 2 * review * Math.LN2;
    assert.ok(Math.abs(reviewed.p50 / expected - 1) < 0.05, `${reviewed.p50} to ${expected}`);
  });

  test("a watcher that is too slow falls behind without end, more workers do not help it", () => {
    const slow = simulate({ ...LOAD, days: 10 }, { mail: 30, review: 1, workers: 8 });
    assert.ok(slow.stored.most > 86_400, `${slow.stored.most}`);
  });

  test("waves move mail in time and keep its amount", () => {
    const costs = { mail: 0.01, review: 1, workers: 1 };
    const [even, waving] = [
      simulate({ ...LOAD, days: 84 }, costs),
      simulate({ ...LOAD, days: 84, waves: true }, costs),
    ];
    assert.ok(Math.abs(waving.mails / even.mails - 1) < 0.05, `${waving.mails} to ${even.mails}`);
  });
});

const DAY_SECONDS = 86_400;
