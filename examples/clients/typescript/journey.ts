// A day at the clinic: the front desk books, the provider injects, the patient reads.
import createClient, { type Client } from "openapi-fetch";
import type { components, paths } from "./tautband.js";

type Answer<T> = { data?: T; error?: components["schemas"]["Problem"]; response: Response };
const [address, password] = [process.env.TAUTBAND_URL ?? "http://127.0.0.1:8080", "four calm rivers at dawn"];

/** What was answered, with the header that names its version; a refusal is thrown with its words. */
async function read<T>(answer: Promise<Answer<T>>) {
  const { data, error, response } = await answer;
  if (data === undefined) throw new Error(`${response.status} ${error?.title}. ${error?.detail ?? ""}`);
  return { data, header: { "If-Match": response.headers.get("etag") ?? "" } };
}

async function signIn(name: string): Promise<Client<paths>> {
  const client = createClient<paths>({ baseUrl: address });
  const { data } = await read(client.POST("/api/v1/auth/login", { body: { email: `${name}@demo.example`, password } }));
  if (!("access_token" in data)) throw new Error("the demo asks for no second factor");
  client.use({ onRequest: ({ request }) => request.headers.set("authorization", `Bearer ${data.access_token}`) });
  return client;
}

const [desk, provider, patient] = [await signIn("front-desk"), await signIn("provider"), await signIn("patient")];

// The front desk finds the first free time for an injection, books it, and checks the patient in.
const patient_id = (await read(patient.GET("/api/v1/me"))).data.patient_ids[0] ?? "";
const provider_id = (await read(provider.GET("/api/v1/me"))).data.provider_id ?? "";
const types = (await read(desk.GET("/api/v1/appointment-types"))).data.items;
const appointment_type_id = types.find(({ name }) => name.includes("njection"))?.id ?? "";
const wanted = { query: { appointment_type_id, provider_id, limit: 1 } };
const [slot] = (await read(desk.GET("/api/v1/slots", { params: wanted }))).data.items;
if (!slot) throw new Error("no time is free");
const booking = { patient_id, appointment_type_id, provider_id, location_id: slot.location_id, starts_at: slot.starts_at };
const { data: booked, header: asBooked } = await read(desk.POST("/api/v1/appointments", { body: booking }));
const arrival = { params: { path: { appointment_id: booked.id }, header: asBooked }, body: { override: { reason: "A trial" } } };
await read(desk.POST("/api/v1/appointments/{appointment_id}/check-in", arrival));

// The provider feels a point, and plans and begins the procedure.
const { data: visit } = await read(provider.POST("/api/v1/visits", { body: { appointment_id: booked.id } }));
const underVisit = { path: { visit_id: visit.id } };
const { data: point } = await read(provider.POST("/api/v1/visits/{visit_id}/trigger-points", { params: underVisit, body: {
  muscle_code: "trapezius_upper", side: "left", view: "HN_POST", x: "0.27", y: "0.70", taut_band: "yes", hypersensitive_spot: "yes",
  referred_pain: "yes", pain_recognised: "yes", local_twitch: "yes", jump_sign: "no", palpable_nodule: "no", tenderness_grade: 2 } }));
const { data: procedure, header: asPlanned } = await read(provider.POST("/api/v1/visits/{visit_id}/procedures", { params: underVisit,
  body: { kind: "trigger_point_injection", indication_codes: ["G44.229"] } }));
const path = { procedure_id: procedure.id };
await read(provider.POST("/api/v1/procedures/{procedure_id}/begin", { params: { path, header: asPlanned }, body: {
  consent: { given_by: "patient", method: "written", text_version: "2026-01" },
  time_out: { patient_ok: true, procedure_ok: true, site_ok: true, allergies_ok: true, anticoagulants_ok: true } } }));

// She draws up, injects, says what she has read of the checks, completes and signs.
const { data: lots } = await read(provider.GET("/api/v1/lots", { params: {
  query: { drug_code: "lidocaine", status: "available", location_id: slot.location_id } } }));
const lot_id = lots.items[0]?.id ?? "";
const { data: solution } = await read(provider.POST("/api/v1/procedures/{procedure_id}/solutions", { params: { path }, body: { label: "Lidocaine 1 %",
  components: [{ drug_code: "lidocaine", concentration: "1", concentration_unit: "percent", volume_ml: "1", lot_id }] } }));
await read(provider.POST("/api/v1/procedures/{procedure_id}/injections", { params: { path }, body: { point_id: point.point_id,
  solution_id: solution.id, volume_ml: "1", needle_gauge: 25, needle_length_mm: 38, approach: "perpendicular", aspirated: true, twitch_elicited: true } }));
const { data: safety } = await read(provider.GET("/api/v1/procedures/{procedure_id}/safety", { params: { path } }));
const check_codes = safety.checks.filter((check) => check.needs_acknowledgement).map((check) => check.code);
const header = async () => (await read(provider.GET("/api/v1/procedures/{procedure_id}", { params: { path } }))).header;
if (check_codes.length > 0)
  await read(provider.POST("/api/v1/procedures/{procedure_id}/acknowledge", { params: { path, header: await header() }, body: { check_codes } }));
await read(provider.POST("/api/v1/procedures/{procedure_id}/complete", { params: { path, header: await header() } }));
const { header: asRead } = await read(provider.GET("/api/v1/visits/{visit_id}", { params: underVisit }));
await read(provider.POST("/api/v1/visits/{visit_id}/sign", { params: { ...underVisit, header: asRead } }));

// The patient reads the signed visit, and what comes next.
const { data: signed } = await read(patient.GET("/api/v1/visits/{visit_id}", { params: underVisit }));
const { data: next } = await read(patient.GET("/api/v1/me/follow-ups", {}));
console.log(`${signed.status} visit of ${signed.started_at}; next: ${next.items.map(({ kind, due_by }) => `${kind} by ${due_by}`).join(", ")}`);
