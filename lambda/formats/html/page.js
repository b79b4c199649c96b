/**
 * The report's own script: search, filters and details of nodes over the data inside the page (data.ts writes it). It
 * writes text nodes and attributes only, never markup, so nothing that a node is called can become an element. Long
 * because the page is one file and loads nothing.
 * Tested by test/formats/browser.test.ts.
 */

/**
 * @typedef {{
 *   strings: string[],
 *   catalog: Record<string, [title: string, why: string, severity: string]>,
 *   findings: [rule: number, status: string, audit: string, reason: number, advice: number, advisories: [number, number][],
 *     controls: number, waiver: number][],
 *   sets: number[][],
 *   settings: [path: number, value: number, source: number][][],
 *   opens: Since[][],
 *   nodes: [id: number, where: number, cluster: number, name: number, dns: number, reason: number, detail: number,
 *     version: number, set: number, settings: number, opens: number][],
 * }} Data
 * @typedef {[rule: number, date: number, isNew: number]} Since
 * @typedef {{
 *   rule: string, status: string, kind: string, audit: string, reason: string, advice: string,
 *   advisories: [id: string, text: string][], controls: string, waiver: string,
 * }} Finding
 * @typedef {{ list: Finding[], counts: Record<string, number>, rules: Set<string>, text: string, worst: number }} Findings
 * @typedef {{
 *   index: number, id: string, where: string, cluster: string, name: string, dns: string, reason: string, detail: string,
 *   version: string, set: Findings | undefined, settings: number, since: Since[], isNew: boolean, text: string, rank: number,
 * }} Node
 */

/** @type {Data} */
const data = JSON.parse(byId('data').textContent ?? '');
const catalog = new Map(Object.entries(data.catalog));

const STEP = 100;
let shown = STEP;
let pick = 'attention';
/** Nodes whose details are open, by position. @type {Set<number>} */
const open = new Set();

/** The most urgent first. @type {Record<string, number>} */
const ORDER = { fail: 0, error: 1, manual: 2, waived: 3, pass: 4, 'not-applicable': 5 };
/** @type {Record<string, number>} */
const SEVERITY = { critical: 0, high: 1, medium: 2, low: 3 };
const NO_SEVERITY = 4;
/** @type {Record<string, string>} */
const LABEL = {
  fail: 'fail',
  error: 'error',
  manual: 'manual',
  waived: 'accepted',
  pass: 'pass',
  'not-applicable': 'not applicable',
};

/**
 * An element with attributes and children; what is undefined or empty is left out.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, string | undefined>} [attributes]
 * @param {(HTMLElement | string | undefined)[]} children
 */
function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) if (value !== undefined) element.setAttribute(name, value);
  for (const child of children) if (child) element.append(child);
  return element;
}

/** @param {string} id */
function byId(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no element ${id}`);
  return found;
}

/** The value of a field. @param {string} id */
function field(id) {
  return /** @type {HTMLInputElement | HTMLSelectElement} */ (byId(id));
}

/** A text of the data; none for -1. @param {number} index */
function text(index) {
  return index < 0 ? '' : (data.strings[index] ?? '');
}

/** @param {number} value */
function number(value) {
  return value.toLocaleString('en');
}

/** What stands between backticks is something to type. @param {string} words */
function rich(words) {
  const line = el('bdi');
  for (const [index, part] of words.split(/`([^`]+)`/).entries()) {
    if (part) line.append(index % 2 === 1 ? el('code', {}, part) : part);
  }
  return line;
}

/** @type {Finding[]} */
const findings = data.findings.map(([rule, status, audit, reason, advice, advisories, controls, waiver]) => ({
  rule: text(rule),
  status,
  kind: waiver >= 0 && status === 'fail' ? 'waived' : status,
  audit,
  reason: text(reason),
  advice: text(advice),
  advisories: advisories.map(([id, words]) => [text(id), text(words)]),
  controls: text(controls),
  waiver: text(waiver),
}));

/** @param {Finding} finding */
function severityOf({ rule }) {
  return SEVERITY[catalog.get(rule)?.[2] ?? ''] ?? NO_SEVERITY;
}

/** @param {Finding} finding */
function isQuiet({ kind }) {
  return kind === 'pass' || kind === 'not-applicable';
}

/** Nodes of one kind share one list of findings. @type {Findings[]} */
const sets = data.sets.map((positions) => {
  const list = positions.flatMap((position) => findings[position] ?? []);
  /** @type {Record<string, number>} */
  const counts = {};
  for (const { kind } of list) counts[kind] = (counts[kind] ?? 0) + 1;
  const loud = list.filter((finding) => !isQuiet(finding));
  return {
    list,
    counts,
    rules: new Set(loud.map(({ rule }) => rule)),
    text: loud
      .flatMap(({ rule, reason }) => [rule, reason])
      .join('\n')
      .toLowerCase(),
    worst: Math.min(NO_SEVERITY, ...list.filter(({ kind }) => kind === 'fail').map(severityOf)),
  };
});

/** @type {Node[]} */
const nodes = data.nodes.map(
  ([id, where, cluster, name, dns, reason, detail, version, set, settings, opens], index) => {
    const about = [id, where, cluster, name, dns, reason, detail, version].map(text);
    const since = data.opens[opens] ?? [];
    const node = {
      index,
      id: text(id),
      where: text(where),
      cluster: text(cluster),
      name: text(name),
      dns: text(dns),
      reason: text(reason),
      detail: text(detail),
      version: text(version),
      set: sets[set],
      settings,
      since,
      isNew: since.some(([, , isNew]) => isNew === 1),
      text: about.join('\n').toLowerCase(),
      rank: 0,
    };
    node.rank = rank(node);
    return node;
  },
);

/** @param {Node} node @param {string} kind */
function countOf({ set }, kind) {
  return set?.counts[kind] ?? 0;
}

/** How urgent a node is; 4 and above need no attention. @param {Node} node */
function rank(node) {
  if (countOf(node, 'fail') > 0) return 0;
  if (node.reason) return 1;
  if (countOf(node, 'error') > 0) return 2;
  if (countOf(node, 'manual') > 0) return 3;
  return countOf(node, 'waived') > 0 ? 4 : 5;
}

/** @param {Node} node */
function worst({ set }) {
  return set?.worst ?? NO_SEVERITY;
}

const sorted = nodes.toSorted(
  (a, b) => a.rank - b.rank || worst(a) - worst(b) || countOf(b, 'fail') - countOf(a, 'fail') || a.index - b.index,
);

/** Which nodes to show, by name. @type {Record<string, [label: string, belongs: (node: Node) => boolean]>} */
const PICKS = {
  attention: ['Need attention', (node) => node.rank < 4],
  fail: ['Open', (node) => node.rank === 0],
  fresh: ['New', (node) => node.isNew],
  silent: ['Unreachable', (node) => node.reason !== ''],
  error: ['Error', (node) => countOf(node, 'error') > 0],
  manual: ['Manual', (node) => countOf(node, 'manual') > 0],
  waived: ['Accepted', (node) => countOf(node, 'waived') > 0],
  clean: ['Clean', (node) => node.rank === 5],
  all: ['All', () => true],
};

/** @param {string} kind @param {string} label */
function chip(kind, label) {
  return el('span', { class: `chip ${kind}` }, label);
}

/** @param {Node} node */
function chips(node) {
  const cell = el('td');
  if (node.reason) cell.append(chip('silent', node.reason));
  for (const kind of ['fail', 'error', 'manual', 'waived']) {
    const count = countOf(node, kind);
    if (count > 0) cell.append(chip(kind, `${count} ${LABEL[kind]}`));
  }
  if (node.rank === 5) cell.append(chip('pass', `${countOf(node, 'pass')} pass`));
  if (node.isNew) cell.append(chip('new', 'new'));
  return cell;
}

/** @param {Node} node @param {Finding} finding */
function findingOf(node, finding) {
  const [title, why, severity] = catalog.get(finding.rule) ?? [finding.rule, '', ''];
  const { kind, controls, audit } = finding;
  const isLoud = !isQuiet(finding);
  const since = node.since.find(([rule]) => text(rule) === finding.rule);
  const head = el(
    'h3',
    {},
    chip(kind, LABEL[kind] ?? kind),
    severity && isLoud ? chip(severity, severity) : undefined,
    el('bdi', {}, title),
  );
  if (since) head.append(' ', el('span', { class: 'sub' }, since[2] === 1 ? 'new' : `open since ${text(since[1])}`));
  const box = el('div', { class: `finding ${kind}` }, head, el('p', {}, rich(finding.reason)));
  for (const [id, words] of finding.advisories) {
    box.append(el('p', { class: 'warn' }, el('strong', {}, 'Warning: '), rich(words), ' ', el('code', {}, id)));
  }
  if (finding.advice) box.append(el('p', { class: 'do' }, el('strong', {}, 'What to do: '), rich(finding.advice)));
  if (finding.waiver) box.append(el('p', {}, el('strong', {}, 'Accepted: '), el('bdi', {}, finding.waiver)));
  if (why && isLoud) box.append(el('p', { class: 'sub' }, why));
  const answers = controls ? ` · ${controls}` : '';
  const says = audit ? ` · the benchmark’s audit says ${audit}` : '';
  box.append(el('p', { class: 'sub' }, el('code', {}, finding.rule), answers, says));
  return box;
}

/** @param {Node} node */
function settingsOf(node) {
  const settings = data.settings[node.settings];
  if (!settings) return undefined;
  const heads = ['Setting', 'Value', 'Where it comes from'].map((name) => el('th', { scope: 'col' }, name));
  const rows = settings.map(([path, value, source]) =>
    el(
      'tr',
      {},
      el('th', { scope: 'row' }, el('code', {}, text(path))),
      el('td', {}, el('code', {}, text(value))),
      el('td', { class: 'wrap' }, el('bdi', {}, text(source))),
    ),
  );
  const table = el('table', {}, el('thead', {}, el('tr', {}, ...heads)), el('tbody', {}, ...rows));
  const region = { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Effective settings' };
  return el('details', {}, el('summary', {}, 'What this kubelet runs with'), el('div', region, table));
}

/** @param {Node} node */
function details(node) {
  const cell = el('td', { colspan: '5' });
  if (node.reason) {
    const detail = el('bdi', {}, node.detail || 'The node gave no answer.');
    cell.append(
      el('div', { class: 'finding silent' }, el('h3', {}, `Not evaluated: ${node.reason}`), el('p', {}, detail)),
    );
  }
  const list = (node.set?.list ?? []).toSorted(
    (a, b) => (ORDER[a.kind] ?? 0) - (ORDER[b.kind] ?? 0) || severityOf(a) - severityOf(b),
  );
  const quiet = list.filter((finding) => isQuiet(finding) && finding.advisories.length === 0);
  for (const finding of list) if (!quiet.includes(finding)) cell.append(findingOf(node, finding));
  if (quiet.length > 0) {
    const boxes = quiet.map((finding) => findingOf(node, finding));
    const summary = el('summary', {}, `${quiet.length} passed or not applicable`);
    cell.append(el('details', {}, summary, el('div', {}, ...boxes)));
  }
  const settings = settingsOf(node);
  if (settings) cell.append(settings);
  if (node.dns) cell.append(el('p', { class: 'sub' }, 'Private DNS name: ', el('code', {}, node.dns)));
  return el('tr', { class: 'inside', id: `details-${node.index}` }, cell);
}

/** @param {Node} node */
function rowOf(node) {
  const expanded = open.has(node.index);
  const controls = `details-${node.index}`;
  const button = el(
    'button',
    {
      type: 'button',
      class: 'row',
      'aria-expanded': String(expanded),
      'aria-controls': expanded ? controls : undefined,
    },
    el('bdi', {}, node.name || node.id),
  );
  const row = el(
    'tr',
    {},
    el('th', { scope: 'row' }, button, node.name ? el('div', { class: 'sub mono' }, node.id) : undefined),
    chips(node),
    el('td', { class: 'wrap' }, el('bdi', {}, node.cluster)),
    el('td', { class: 'sub' }, node.where),
    el('td', { class: 'sub wrap' }, node.version),
  );
  button.addEventListener('click', () => {
    const isOpen = !open.has(node.index);
    button.setAttribute('aria-expanded', String(isOpen));
    if (isOpen) {
      open.add(node.index);
      row.after(details(node));
      button.setAttribute('aria-controls', controls);
    } else {
      open.delete(node.index);
      row.nextElementSibling?.remove();
      button.removeAttribute('aria-controls');
    }
  });
  return row;
}

/** Nodes that search, cluster and rule let through. */
function matching() {
  const words = field('search').value.trim().toLowerCase();
  const cluster = field('cluster').value;
  const rule = field('rule').value;
  return sorted.filter(
    (node) =>
      (cluster === '' || node.cluster === cluster.slice(1)) &&
      (rule === '' || node.set?.rules.has(rule)) &&
      (words === '' || node.text.includes(words) || node.set?.text.includes(words)),
  );
}

function draw() {
  const candidates = matching();
  const found = candidates.filter((node) => PICKS[pick]?.[1](node));
  const rows = document.createDocumentFragment();
  for (const node of found.slice(0, shown)) {
    rows.append(rowOf(node));
    if (open.has(node.index)) rows.append(details(node));
  }
  byId('rows').replaceChildren(rows);
  byId('count').textContent =
    found.length === 0
      ? 'No node matches.'
      : `Showing ${number(Math.min(shown, found.length))} of ${number(found.length)} nodes.`;
  byId('more').hidden = found.length <= shown;
  for (const button of byId('picks').querySelectorAll('button')) {
    const [label, belongs] = PICKS[button.value] ?? ['', () => false];
    button.setAttribute('aria-pressed', String(button.value === pick));
    button.textContent = `${label} ${number(candidates.filter(belongs).length)}`;
  }
}

function restart() {
  shown = STEP;
  draw();
}

/** @param {string} id @param {[value: string, label: string][]} options */
function fill(id, options) {
  for (const [value, label] of options) byId(id).append(el('option', { value }, label));
}

/** Opens the node that the address names: `#node=i-0abc…`. */
function follow() {
  const id = /^#node=(.+)$/.exec(location.hash)?.[1];
  if (id === undefined) return;
  const wanted = decodeURIComponent(id);
  for (const node of nodes) if (node.id === wanted) open.add(node.index);
  field('search').value = wanted;
  pick = 'all';
  restart();
  byId('nodes').scrollIntoView();
}

const clusters = [...new Set(nodes.map(({ cluster }) => cluster))].sort();
fill(
  'cluster',
  clusters.map((cluster) => [`=${cluster}`, cluster || '(no cluster)']),
);
const rules = [...new Set(sets.flatMap((set) => [...set.rules]))].sort();
fill(
  'rule',
  rules.map((rule) => [rule, catalog.get(rule)?.[0] ?? rule]),
);

for (const name of Object.keys(PICKS)) {
  const button = el('button', { type: 'button', value: name });
  button.addEventListener('click', () => {
    pick = name;
    restart();
  });
  byId('picks').append(button);
}
if (!nodes.some((node) => node.rank < 4)) pick = 'all';

let timer = 0;
byId('search').addEventListener('input', () => {
  clearTimeout(timer);
  timer = setTimeout(restart, 120);
});
byId('cluster').addEventListener('change', restart);
byId('rule').addEventListener('change', restart);
byId('more').addEventListener('click', () => {
  shown += STEP * 5;
  draw();
});
for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (document.querySelectorAll('[data-rule]'))) {
  button.hidden = false;
  if (button.nextElementSibling instanceof HTMLElement) button.nextElementSibling.hidden = true;
  button.addEventListener('click', () => {
    field('rule').value = button.dataset.rule ?? '';
    pick = 'all';
    restart();
    byId('nodes').scrollIntoView();
    byId('search').focus({ preventScroll: true });
  });
}

const root = document.documentElement;
byId('theme').hidden = false;
byId('theme').addEventListener('click', () => {
  const prefersDark = matchMedia('(prefers-color-scheme: dark)').matches;
  const isDark = root.dataset.theme ? root.dataset.theme === 'dark' : prefersDark;
  root.dataset.theme = isDark ? 'light' : 'dark';
});

byId('tools').hidden = false;
byId('table').hidden = false;
byId('static').remove();
draw();
follow();
addEventListener('hashchange', follow);
