// Books, moves and cancels by means of the types that openapi-typescript made; run as `walk.ts URL TOKEN NAME`.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import createClient from "openapi-fetch";
import type { components, paths } from "./schema";

const [baseUrl, token, name] = process.argv.slice(2);
const dana = createClient<paths>({ baseUrl, headers: { Authorization: `Token ${token}` } });
const key = () => ({ "Idempotency-Key": randomUUID() });
type Slot = components["schemas"]["Slot"];

function have<T>(answer: { data?: T; error?: { code: string } }): T {
  assert.equal(answer.error, undefined);
  return answer.data!;
}

// who am I; and what somebody without a token is told
const me = have(await dana.GET("/api/v1/me/"));
assert(me.roles.some((held) => held.role === "scheduler"));
const stranger = await createClient<paths>({ baseUrl }).GET("/api/v1/me/");
assert.equal(stranger.error?.code, "not-authenticated");
assert.equal(stranger.response.headers.get("Content-Type"), "application/problem+json");

// for whom
const people = have(await dana.POST("/api/v1/patients/search/", { body: { search: name } }));
const patient = people.results[0].id;

// free times, in pages
const wish = { therapy: "acu_manual", visit: "followup", site: "lakeside", limit: 3 } as const;
const search = async (more: { after?: string; moving?: string }): Promise<Slot[]> =>
  have(await dana.GET("/api/v1/slots/", { params: { query: { ...wish, ...more } } })).results;
const slots = await search({});
const later = await search({ after: slots[2].id });
assert(slots.every((slot) => slot.start <= later[0].start && slot.id !== later[0].id));

// hold and confirm; the same key answers the same
const held = have(
  await dana.POST("/api/v1/holds/", { params: { header: key() }, body: { slot: later[0].id, patient } }),
);
const booking = { params: { header: key() }, body: { hold: held.id, patient } };
const booked = await dana.POST("/api/v1/appointments/", booking);
const visit = have(booked);
const again = await dana.POST("/api/v1/appointments/", booking);
assert.equal(have(again).id, visit.id);
assert.equal(again.response.headers.get("Idempotency-Replayed"), "true");
const etag = booked.response.headers.get("ETag")!;

// refusals are typed: a time that is taken names others in its place
const refused = await dana.POST("/api/v1/holds/", {
  params: { header: key() },
  body: { slot: later[0].id, patient },
});
const code: string = refused.error!.code;
assert(["slot-taken", "patient-busy"].includes(code), code);
if ("alternatives" in refused.error!) {
  const others: Slot[] | undefined = refused.error.alternatives;
  assert(others!.every((slot) => slot.id !== later[0].id));
}
const nobody = await dana.GET("/api/v1/appointments/{id}/", { params: { path: { id: randomUUID() } } });
assert.equal(nobody.error?.code, "not-found");

// move, unless somebody else was quicker
const [target] = await search({ after: later[2].id, moving: visit.id });
const move = {
  params: { path: { id: visit.id }, header: { "If-Match": etag } },
  body: { slot: target.id },
};
const moved = have(await dana.POST("/api/v1/appointments/{id}/reschedule/", move));
assert.equal(moved.start, target.start);
assert.equal(moved.version, visit.version + 1);
const stale = await dana.POST("/api/v1/appointments/{id}/reschedule/", move);
assert.equal(stale.response.status, 412);
assert.equal(stale.error?.code, "precondition-failed");

// list, in pages
const seen = new Set<string>();
let page = 1;
for (let more = true; more; page += 1) {
  const query = { patient, page, page_size: 1 };
  const found = have(await dana.GET("/api/v1/appointments/", { params: { query } }));
  found.results.forEach((one) => seen.add(one.id));
  more = found.next !== null && found.next !== undefined;
}
assert.equal(seen.size, page - 1);
assert(seen.has(visit.id));

// cancel; once is enough
const why = { params: { path: { id: visit.id } }, body: { reason: "patient" } } as const;
const cancelled = have(await dana.POST("/api/v1/appointments/{id}/cancel/", why));
assert.equal(cancelled.status, "cancelled");
const twice = await dana.POST("/api/v1/appointments/{id}/cancel/", why);
assert.equal(twice.error?.code, "move-not-allowed");
