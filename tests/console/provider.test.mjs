// A visit from the first point to the signature, by click, by keys, and with a mistake put right.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { close, Person } from "./browser.mjs";

after(close);

/** A visit of somebody who walks in. */
async function walkIn(provider, name) {
  await provider.open("/console/people");
  await provider.page.fill("main #text", name);
  await provider.go("main form button");
  await provider.go("ul.found a");
  await provider.page.click("summary:has-text('without an appointment')");
  await provider.go("button:has-text('Open the visit')");
  await provider.wasNotRefused();
  assert.match(provider.page.url(), /\/visits\//);
}

async function point(provider, muscle, keys) {
  await provider.page.locator("#muscle").focus();
  await provider.type(muscle);
  await provider.enter();
  await provider.page.waitForSelector("form.point");
  for (const key of keys) await provider.press(key);
  await provider.enter();
  await provider.wasNotRefused();
}

for (const script of [true, false]) {
  test(`a visit goes from three points to the signature${script ? "" : " without script"}`, async () => {
    const provider = await Person.as("provider", { script });
    const { page } = provider;
    await walkIn(provider, script ? "Mateo Quigley" : "Gustavo Novak");
    const visit = page.url();
    for (const muscle of ["tra u l", "tra u r"]) {
      await page.fill("#muscle", muscle);
      await provider.go("form.typed button");
      await page.check("input[name=taut_band][value=yes]", { force: true });
      await page.check("input[name=hypersensitive_spot][value=yes]", { force: true });
      await page.check("input[name=pain_recognised][value=yes]", { force: true });
      await page.check("input[name=referred_pain][value=yes]", { force: true });
      await provider.go("button:has-text('Record the point')");
      await provider.wasNotRefused();
    }
    await provider.sees("Left trapezius, upper");
    await Promise.all([page.waitForEvent("load"), page.click("form.canvas input[type=image]", { position: { x: 180, y: 300 } })]);
    await provider.sees("Which muscle is it?");
    await page.check("input[name=taut_band][value=yes]", { force: true });
    await provider.go("button:has-text('Record the point')");
    await provider.wasNotRefused();
    await page.fill("#assessment", "Myofascial pain of the neck");
    await provider.go("button:has-text('Save the note')");
    await provider.wasNotRefused();
    assert.equal(await page.inputValue("#assessment"), "Myofascial pain of the neck");

    await page.fill("#indication_codes", "G44.209 M79.18");
    await provider.go("button:has-text('Inject trigger points')");
    await provider.go("button:has-text('Begin the procedure')");
    await provider.sees("Something is missing");
    for (const name of ["patient_ok", "procedure_ok", "site_ok", "allergies_ok", "anticoagulants_ok"]) await page.check(`[name=${name}]`);
    await provider.go("button:has-text('Begin the procedure')");
    await provider.wasNotRefused();

    const lot = await page.locator("select[name=lot_0] option", { hasText: "Lidocaine 1 %" }).first().getAttribute("value");
    await page.selectOption("select[name=lot_0]", lot);
    await page.fill("[name=volume_0]", "1");
    await provider.go("button:has-text('Draw up')");
    await provider.wasNotRefused();
    await page.fill("[name=volume_all]", "0.5");
    await provider.go("button:has-text('Record what was given')");
    await provider.wasNotRefused();
    await provider.sees("% of the ceiling");

    // The second was a mistake: it is taken out in two acts and given again.
    await page.locator("#sites .void summary").nth(1).click();
    await page.locator("#sites .void[open] [name=reason]").fill("Wrong side");
    await provider.go("#sites .void[open] button");
    await provider.wasNotRefused();
    await provider.sees("entered in error");
    await page.fill("[name=volume_all]", "0.5");
    await provider.go("button:has-text('Record what was given')");
    await provider.wasNotRefused();

    // Completing is refused until every warning was read.
    for (let unread = page.locator("#checks form[action$='/acknowledge'] button"); await unread.count(); ) {
      await provider.go("#checks form[action$='/acknowledge'] button");
      await provider.wasNotRefused();
    }
    await provider.go("button:has-text('Complete the procedure')");
    await provider.wasNotRefused();
    await provider.sees("Completed");
    await provider.sees("CPT");
    await page.goto(visit);
    await provider.go("button:has-text('Sign and seal the visit')");
    await provider.wasNotRefused();
    await provider.sees("Signed");
    assert.equal(await page.locator("#muscle").count(), 0, "a signed visit takes no more points");
    await provider.leave();
  });
}

test("a point is typed and felt by keys alone", async () => {
  const provider = await Person.as("provider");
  await walkIn(provider, "Farah Acosta");
  provider.keys = 0;
  await point(provider, "tra u l", ["1", "2", "3"]);
  await provider.sees("taut band");
  await provider.sees("pain recognised");
  assert.ok(provider.keys <= 5, `${provider.keys} keys`);
  await provider.leave();
});

test("a note saves itself, and two tabs never overwrite each other", async () => {
  const provider = await Person.as("provider");
  await walkIn(provider, "Clara Jansen");
  const { page } = provider;
  const visit = page.url().replace(process.env.TAUTBAND_URL, "");
  const other = await page.context().newPage();
  await other.goto(process.env.TAUTBAND_URL + visit);
  await page.fill("#subjective", "Said in the first tab");
  await page.waitForFunction(() => document.querySelector("[data-saved]").textContent.startsWith("Saved "));
  await other.fill("#subjective", "Said in the second tab");
  await other.waitForFunction(() => document.querySelector("[data-saved]").textContent.startsWith("Not saved"));
  await page.reload();
  assert.equal(await page.inputValue("#subjective"), "Said in the first tab");
  assert.equal(await other.inputValue("#subjective"), "Said in the second tab", "what was typed is still there");
  await provider.leave();
});

test("what was typed outlives a session that ended", async () => {
  const provider = await Person.as("provider");
  await walkIn(provider, "Hannah Vargas");
  const { page } = provider;
  await page.context().clearCookies();
  await page.fill("#plan", "Stretch daily");
  await page.waitForFunction(() => document.querySelector("[data-saved]").textContent.includes("signed out"));
  await page.reload();
  assert.match(page.url(), /\/sign-in\?next=/);
  await page.locator("button.choice", { hasText: "Provider" }).first().click();
  await page.waitForURL(/\/visits\//);
  assert.equal(await page.inputValue("#plan"), "Stretch daily");
  await provider.leave();
});
