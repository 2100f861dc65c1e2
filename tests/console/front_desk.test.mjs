// The telephone rings: find, book, move, cancel; somebody comes in; a provider is ill; nothing is free.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { close, Person } from "./browser.mjs";

after(close);

test("a known person is booked in at most twelve keys", async () => {
  const desk = await Person.as("front_desk");
  await desk.open("/console/book");
  await desk.type("ximena kim");
  await desk.enter();
  await desk.sees("Ximena Kim");
  await desk.enter();
  await desk.enter();
  await desk.enter();
  await desk.wasNotRefused();
  assert.match(desk.page.url(), /\/appointments\//);
  await desk.sees("Ximena Kim");
  assert.ok(desk.keys <= 12, `${desk.keys} keys`);
  await desk.leave();
});

test("a name that is misspelt is found", async () => {
  const desk = await Person.as("front_desk");
  await desk.open("/console/people");
  await desk.type("Valentyna Mueler");
  await desk.enter();
  await desk.sees("Valentina Müller");
  await desk.leave();
});

for (const script of [true, false]) {
  const how = script ? "" : " without script";

  test(`a new person is registered, warned of the one who is like them, and booked${how}`, async () => {
    const desk = await Person.as("front_desk", { script });
    const { page } = desk;
    await desk.open("/console/people/new?then=book");
    await page.fill("#given_name", "Grace");
    await page.fill("#family_name", "Kim");
    await page.fill("#birth_date", "1962-10-07");
    await desk.go("main form button");
    await desk.sees("Perhaps the same person");
    await desk.sees("similar name and same birth date");
    assert.equal(await page.inputValue("#given_name"), "Grace", "what was typed is still there");
    await page.fill("#given_name", `Wilhelmina${script ? "" : " Two"}`);
    await page.fill("#family_name", "Testperson");
    await page.fill("#birth_date", script ? "1971-02-03" : "1983-04-05");
    await desk.go("main form button");
    await desk.wasNotRefused();
    await desk.sees("Type");
    await desk.go("a.choice >> nth=1");
    await desk.go("button.time");
    await desk.wasNotRefused();
    await desk.sees("Testperson");
    await desk.leave();
  });

  test(`an appointment is confirmed, moved and cancelled${how}`, async () => {
    const desk = await Person.as("front_desk", { script });
    const { page } = desk;
    await desk.open("/console/unconfirmed");
    await desk.go("main td a[href*='/appointments/']");
    const address = page.url().split("?")[0];
    await desk.go("button:has-text('Confirm')");
    await page.goto(address);
    await desk.sees("confirmed");
    const before = await page.locator(".state-line").innerText();
    await desk.go("a:has-text('Move')");
    await desk.go("button.time >> nth=5");
    await desk.wasNotRefused();
    await page.goto(address);
    assert.notEqual(await page.locator(".state-line").innerText(), before);
    await page.click("summary:has-text('Cancel this appointment')");
    await desk.go("button:has-text('Cancel the appointment')");
    await page.goto(address);
    await desk.sees("cancelled");
    await desk.leave();
  });

  test(`who comes in is checked in from the board${how}`, async (context) => {
    const desk = await Person.as("front_desk", { script });
    const { page } = desk;
    const button = page.locator(".appt button:has-text('Check in')");
    if (!(await button.count())) return context.skip("nobody is awaited today");
    await desk.go(".appt button:has-text('Check in')");
    await desk.wasNotRefused();
    await desk.sees("waiting");
    await desk.leave();
  });
}

test("who comes in is checked in with one key, and the focus stays on them", async (context) => {
  const desk = await Person.as("front_desk");
  const { page } = desk;
  const card = page.locator(".appt:has(button:has-text('Check in')) .who").last();
  if (!(await card.count())) return context.skip("nobody is awaited today");
  await card.focus();
  const id = await card.getAttribute("id");
  desk.keys += 1;
  await Promise.all([page.waitForEvent("load"), page.keyboard.press("i")]);
  await desk.wasNotRefused();
  assert.ok(desk.keys <= 2);
  assert.equal(await page.evaluate(() => document.activeElement.id), id);
  await desk.leave();
});

test("two people at the desk do not overwrite each other", async () => {
  const [one, two] = [await Person.as("front_desk"), await Person.as("front_desk")];
  await one.open("/console/unconfirmed");
  const address = await one.page.locator("main td a[href*='/appointments/']").first().getAttribute("href");
  await one.open(address);
  await two.open(address);
  await one.go("button:has-text('Confirm')");
  await two.page.click("summary:has-text('Cancel this appointment')");
  await two.go("button:has-text('Cancel the appointment')");
  await two.sees("Somebody changed this while you had it open");
  await one.leave();
  await two.leave();
});

test("when nothing fits, the person goes on the waitlist", async () => {
  const desk = await Person.as("front_desk");
  await desk.open("/console/book");
  await desk.type("rebecca kim");
  await desk.enter();
  await desk.enter();
  await desk.enter();
  await desk.page.click("summary:has-text('Nothing fits')");
  await desk.go("button:has-text('Put on the waitlist')");
  await desk.wasNotRefused();
  await desk.sees("Rebecca Kim");
  await desk.leave();
});

test("a form that another site sends is refused", async () => {
  const desk = await Person.as("front_desk");
  const answer = await desk.page.request.post(`${process.env.TAUTBAND_URL}/console/people`, {
    form: { text: "kim" }, headers: { origin: "https://elsewhere.example", "sec-fetch-site": "cross-site" },
  });
  assert.equal(answer.status(), 403);
  await desk.leave();
});
