// One person in front of the stock Temporal UI, driven by a test.
//
// node browser.mjs UI [SCREENSHOTS]
//
// Every line of stdin is a step, {"do": NAME, ...}; every step answers with one
// line, {"value": ...} or {"error": ...}. Steps do only what a person can: they
// click, type, read what is on show, and press R where the UI does not refresh
// itself. They wait for what they need and never for a time. The first answer
// comes unasked when the browser is open; the end of stdin closes it.

import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { chromium } from 'playwright-core';

const [ui, screenshots] = process.argv.slice(2);
const patience = 20_000; // ms until a step gives up
const size = { width: 1440, height: 900 };

/** What the page asked for and complained of. */
const seen = { hosts: new Set(), failures: [], pageErrors: [], consoleErrors: [] };

function listen(context) {
  context.on('request', (r) => {
    const url = new URL(r.url());
    if (url.protocol.startsWith('http')) seen.hosts.add(url.hostname);
  });
  context.on('response', (r) => {
    if (r.status() >= 500) seen.failures.push(`${r.status()} ${r.request().method()} ${r.url()}`);
  });
  context.on('weberror', (e) => seen.pageErrors.push(String(e.error())));
  context.on('console', (m) => {
    if (m.type() === 'error') seen.consoleErrors.push(m.text());
  });
}

const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--disable-background-networking', '--disable-component-update', '--no-first-run'],
});
const context = await browser.newContext({ viewport: size, reducedMotion: 'reduce', locale: 'en-GB', timezoneId: 'UTC' });
context.setDefaultTimeout(patience);
listen(context);
let page = await context.newPage();

/** Waits until locator is on show, doing again in between what may bring it there. */
async function until(locator, again) {
  const end = Date.now() + patience;
  for (;;) {
    try {
      return await locator.waitFor({ timeout: 1_000 });
    } catch (e) {
      if (e.name !== 'TimeoutError' || Date.now() > end) throw e;
    }
    await again();
  }
}

const details = () => page.frameLocator('#user-metadata-current-details').locator('main');

/** Writes text into the JSON box within scope and leaves the box: the UI loses a click on Submit while the cursor stands there. */
async function write(scope, text) {
  const box = scope.getByRole('textbox', { name: 'Data' });
  await box.click();
  await page.keyboard.press('Control+A');
  await page.keyboard.insertText(text);
  await scope.getByText('Single JSON payload supported.').click();
}

const steps = {
  /** Opens the list of workflows by a query, as a bookmark does, and waits for a workflow in it. */
  async list({ query, id }) {
    await page.goto(`${ui}/namespaces/default/workflows?query=${encodeURIComponent(query)}`);
    await until(page.getByRole('link', { name: id, exact: true }), () => page.getByRole('button', { name: 'Refresh' }).click());
  },

  /** Opens a workflow that the list shows, at what it says of itself. */
  async open({ id }) {
    await page.getByRole('link', { name: id, exact: true }).click();
    await page.getByRole('tab', { name: 'User Metadata' }).click();
    await details().waitFor();
  },

  /** Reads the details once they hold a text, and no longer another one. */
  async read({ text, without }) {
    await until(details().filter({ hasText: text, hasNotText: without || undefined }), () => page.keyboard.press('r'));
    return {
      text: (await details().innerText()).replace(/\s*\n\s*/g, '\n').trim(),
      codes: await details().locator('pre').allInnerTexts(),
      headings: await details().locator('th').allInnerTexts(),
      cells: await details().locator('td').allInnerTexts(),
    };
  },

  /** Follows a link in the details, which opens a page of its own. */
  async follow({ text }) {
    const opened = context.waitForEvent('page');
    await details().getByRole('link', { name: text, exact: true }).click();
    page = await opened;
    await page.getByRole('tab', { name: 'User Metadata' }).click();
    await details().waitFor();
    return page.url();
  },

  /** Sends an update; its description and the refusal, "" where it was accepted. */
  async update({ name, data, shot }) {
    await page.getByRole('button', { name: 'More Actions' }).click();
    await page.getByRole('menuitem', { name: 'Send an Update' }).click();
    const dialog = page.getByRole('dialog', { name: 'Send an Update' }).filter({ visible: true }); // it stands twice in the page
    await dialog.getByTestId('update-select-button').click();
    const option = dialog.getByRole('option', { name: new RegExp(`^${name}\\b`) });
    const description = (await option.innerText()).replace(name, '').trim();
    await option.click();
    await write(dialog, data);
    const answered = page.waitForResponse((r) => r.request().method() === 'POST' && r.url().includes(`/update/${name}`));
    await dialog.getByRole('button', { name: 'Submit' }).click();
    await answered;
    const refusal = dialog.locator('.alert.error');
    await refusal.or(page.locator('body:not(:has(dialog[open]))')).first().waitFor();
    const refused = await refusal.isVisible();
    const words = refused ? await refusal.innerText() : '';
    if (shot) await steps.shot({ name: shot });
    if (refused) await dialog.getByTestId('cancel-modal-button').click();
    return { description, refusal: words };
  },

  /** Starts a workflow with the UI's own form. */
  async start({ id, queue, type, data, shot }) {
    await page.goto(`${ui}/namespaces/default/workflows`);
    await page.getByRole('link', { name: 'Start Workflow' }).click();
    await page.getByRole('textbox', { name: 'Workflow ID' }).fill(id);
    await page.getByRole('textbox', { name: 'Task Queue' }).fill(queue);
    await page.getByRole('textbox', { name: 'Workflow Type' }).fill(type);
    await write(page.locator('main'), data);
    if (shot) await steps.shot({ name: shot });
    await page.getByRole('button', { name: 'Start Workflow' }).click();
  },

  /** Shows the timeline of the workflow that is open, with an event of it. */
  async timeline({ text }) {
    await page.getByRole('tab', { name: 'Timeline' }).click();
    await page.getByRole('button', { name: text }).first().waitFor();
  },

  /** Takes a picture of all that is on show, if pictures are wanted. */
  async shot({ name }) {
    if (!screenshots) return;
    await page.mouse.move(size.width - 2, size.height / 2); // points at nothing
    const hidden = await page.evaluate(() => {
      let most = 0;
      for (let e = document.querySelector('main'); e; e = e.parentElement) most = Math.max(most, e.scrollHeight - e.clientHeight);
      return most;
    });
    await page.setViewportSize({ width: size.width, height: size.height + hidden });
    await page.screenshot({ path: join(screenshots, `${name}.png`) });
    await page.setViewportSize(size);
  },

  /** What the page asked for and complained of so far. */
  async seen() {
    return { ...seen, hosts: [...seen.hosts] };
  },
};

const say = (answer) => process.stdout.write(`${JSON.stringify(answer)}\n`);
say({ value: browser.version() });
for await (const line of createInterface({ input: process.stdin })) {
  const step = JSON.parse(line);
  try {
    say({ value: (await steps[step.do](step)) ?? null });
  } catch (e) {
    say({ error: `${step.do} at ${page.url()}: ${e.message}` });
  }
}
await browser.close();
