/**
 * The report's own script: filters, order, details, copies and exports over the data inside the page (data.ts writes it).
 * It writes text nodes and attributes only, never markup, so nothing that a node is called can become an element. Long
 * because the page is one file and loads nothing.
 * Tested by test/formats/browser.test.ts.
 */

/**
 * @typedef {{
 *   now: string,
 *   scan: string,
 *   strings: string[],
 *   catalog: Record<string, [title: string, why: string, severity: string, source: string, failureTitle: string]>,
 *   findings: [rule: number, status: string, audit: string, reason: number, steps: [text: number, command: number][],
 *     advisories: [number, number][],
 *     controls: number, waiver: number, isRisk: number][],
 *   sets: number[][],
 *   settings: [path: number, value: number, source: number][][],
 *   opens: Since[][],
 *   notes: number[][],
 *   lives: [role: string, path: number, notAfter: number, renews: number][][],
 *   nodes: [id: number, account: number, region: number, cluster: number, group: number, owner: number, name: number,
 *     dns: number, reason: number, detail: number, version: number, set: number, settings: number, opens: number,
 *     lives: number, stops: number, benchmark: number, notes: number][],
 * }} Data
 * @typedef {[rule: number, date: number, isNew: number]} Since
 * @typedef {{
 *   index: number, rule: string, kind: string, bits: number, status: string, audit: string, reason: string,
 *   steps: [text: string, command: string][], advisories: [id: string, text: string][], controls: string, waiver: string, severity: string, text: string,
 * }} Finding
 * @typedef {{ role: string, path: string, notAfter: string, renews: number }} Life
 * @typedef {{
 *   index: number, id: string, account: string, region: string, cluster: string, group: string, owner: string, name: string,
 *   dns: string, reason: string, detail: string, version: string, findings: Finding[], settings: number, since: Since[],
 *   fresh: Set<string>, lives: Life[], ends: string, stops: string, benchmark: string, notes: number, text: string, rank: number, isClean: boolean,
 * }} Node
 * @typedef {{
 *   pick: string, words: string, severity?: string | undefined, rule?: string | undefined, cluster?: string | undefined,
 *   group?: string | undefined, owner?: string | undefined,
 *   account?: string | undefined, region?: string | undefined, ends?: string | undefined, node?: string | undefined, sort: string, down?: boolean,
 * }} View
 */

/** @type {Data} */
const data = JSON.parse(byId('data').textContent ?? '');
const catalog = new Map(Object.entries(data.catalog));
const NOW = Date.parse(data.now);
const DAY_MS = 86_400_000;

/** Rows that are shown at first, and when printed. */
const STEP = 50;
const PRINTED = 300;
let shown = STEP;
/** Nodes whose details are open, by position. @type {Set<number>} */
const open = new Set();

/** What a finding is, as bits, so that a node's findings add up to what it has. */
const RISK = 1;
const OPEN = 2;
const ERROR = 4;
const MANUAL = 8;
const WAIVED = 16;
const NEW = 32;
const QUIET = 64;
const SILENT = 128;
/** @type {Record<string, number>} */
const BITS = { fail: OPEN, error: ERROR, manual: MANUAL, waived: WAIVED, pass: QUIET, 'not-applicable': QUIET };
const ATTENTION = OPEN | ERROR | MANUAL | SILENT;
const ANY = 255;

/** Which findings to show, by name: their label and bits. Clean are the nodes of which there is nothing else to tell. */
/** @type {Record<string, [label: string, bits: number]>} */
const PICKS = {
  attention: ['Need attention', ATTENTION],
  risk: ['At risk', RISK],
  open: ['Open', OPEN],
  new: ['New', NEW],
  silent: ['Unreachable', SILENT],
  error: ['Error', ERROR],
  manual: ['Manual', MANUAL],
  waived: ['Accepted', WAIVED],
  clean: ['Clean', QUIET],
  all: ['All', ANY],
};

/** The most urgent first. @type {Record<string, number>} */
const ORDER = { fail: 0, error: 1, manual: 2, waived: 3, pass: 4, 'not-applicable': 5 };
/** @type {Record<string, number>} */
const SEVERITY = { critical: 0, high: 1, medium: 2, low: 3 };
const NO_SEVERITY = 4;
/** @type {Record<string, string>} */
const LABEL = {
  fail: 'open',
  error: 'error',
  manual: 'manual',
  waived: 'accepted',
  pass: 'pass',
  'not-applicable': 'not applicable',
};

/** Filters with a list of values each. @type {readonly ('severity' | 'rule' | 'cluster' | 'group' | 'owner' | 'account' | 'region')[]} */
const SELECTS = ['severity', 'rule', 'cluster', 'group', 'owner', 'account', 'region'];
/** Those of them that nodes have, and not findings. @type {readonly ('cluster' | 'group' | 'owner' | 'account' | 'region')[]} */
const NODE_FILTERS = ['cluster', 'group', 'owner', 'account', 'region'];

/** @type {View} */
const START = { pick: 'attention', words: '', sort: 'urgency' };
/** @type {View} */
let view = { ...START };

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
const findings = data.findings.map(
  ([ruleText, status, audit, reason, steps, advisories, controls, waiver, isRisk], index) => {
    const kind = waiver >= 0 && status === 'fail' ? 'waived' : status;
    const rule = text(ruleText);
    const [title = '', , severity = ''] = catalog.get(rule) ?? [];
    return {
      index,
      rule,
      kind,
      bits: (BITS[kind] ?? 0) | (isRisk ? RISK : 0),
      status,
      audit,
      reason: text(reason),
      steps: steps.map(([words, command]) => [text(words), text(command)]),
      advisories: advisories.map(([id, words]) => [text(id), text(words)]),
      controls: text(controls),
      waiver: text(waiver),
      severity,
      text: [rule, title, text(reason), text(controls)].join('\n').toLowerCase(),
    };
  },
);

/** @param {Finding} finding */
function severityOf({ severity }) {
  return SEVERITY[severity] ?? NO_SEVERITY;
}

/** @param {Finding} finding */
function isQuiet({ bits }) {
  return (bits & QUIET) > 0;
}

/** Nodes of one kind share one list of findings, the most urgent first. */
const sets = data.sets.map((positions) =>
  positions
    .flatMap((position) => findings[position] ?? [])
    .sort((a, b) => (ORDER[a.kind] ?? 0) - (ORDER[b.kind] ?? 0) || severityOf(a) - severityOf(b)),
);
const lives = data.lives.map((list) =>
  list.map(([role, path, notAfter, renews]) => ({ role, path: text(path), notAfter: text(notAfter), renews })),
);

/** The first end of a certificate of the node's own that is not renewed. @param {Life[]} list */
function firstEnd(list) {
  return list.find(({ role, renews }) => role !== 'authority' && renews === 0)?.notAfter ?? '';
}

/** @type {Node[]} */
const nodes = data.nodes.map((row, index) => {
  const texts = row.slice(0, 11).map(text);
  const [
    id = '',
    account = '',
    region = '',
    cluster = '',
    group = '',
    owner = '',
    name = '',
    dns = '',
    reason = '',
    detail = '',
    version = '',
  ] = texts;
  const [set, settings, opens, ends, stops, benchmark, notes] =
    /** @type {[number, number, number, number, number, number, number]} */ (row.slice(11));
  const own = sets[set] ?? [];
  const since = data.opens[opens] ?? [];
  const list = lives[ends] ?? [];
  const bits = own.reduce((all, finding) => all | finding.bits, 0);
  return {
    index,
    id,
    account,
    region,
    cluster,
    group,
    owner,
    name,
    dns,
    reason,
    detail,
    version,
    findings: own,
    settings,
    since,
    fresh: new Set(since.flatMap(([rule, , isNew]) => (isNew === 1 ? [text(rule)] : []))),
    lives: list,
    ends: firstEnd(list),
    stops: text(stops),
    benchmark: text(benchmark),
    notes,
    text: texts.join('\n').toLowerCase(),
    rank: rank(bits, reason),
    isClean: reason === '' && (bits & ~QUIET) === 0,
  };
});

/** How urgent a node is. @param {number} bits @param {string} reason */
function rank(bits, reason) {
  if (bits & RISK) return 0;
  if (bits & OPEN) return 1;
  if (reason) return 2;
  const position = [ERROR, MANUAL, WAIVED].findIndex((bit) => bits & bit);
  return position < 0 ? 6 : 3 + position;
}

/** The worst severity of what is open, and how much is; once for all nodes of one kind. */
const weights = new Map(
  sets.map((list) => [
    list,
    {
      worst: list[0]?.kind === 'fail' ? severityOf(list[0]) : NO_SEVERITY,
      open: list.filter(({ kind }) => kind === 'fail').length,
    },
  ]),
);
/** @param {Node} node */
function weightOf({ findings: list }) {
  return weights.get(list) ?? { worst: NO_SEVERITY, open: 0 };
}

const collator = new Intl.Collator('en', { numeric: true });

/** The position of each node by its text: a collator is too slow to be asked at every comparison. @param {(node: Node) => string} key */
function positions(key) {
  const keys = nodes.map(key);
  const distinct = [...new Set(keys)].sort(collator.compare);
  const places = new Map(distinct.map((text, index) => [text, index]));
  // What is not known comes last.
  return Int32Array.from(keys, (text) => (text === '' ? distinct.length : (places.get(text) ?? 0)));
}

/** @param {(node: Node) => string} key @returns {(a: Node, b: Node) => number} */
function by(key) {
  /** @type {Int32Array | undefined} */
  let places;
  return (a, b) => {
    places ??= positions(key);
    return (places[a.index] ?? 0) - (places[b.index] ?? 0);
  };
}

/** What ends within a week comes before what waits for the next start, which may come at any time; then the rest. @param {Node} node */
function dangerOf({ stops }) {
  if (stops === '') return '1';
  return `${Date.parse(stops) - NOW < 7 * DAY_MS ? 0 : 2} ${stops}`;
}

const byDanger = by(dangerOf);
/** @type {Record<string, (a: Node, b: Node) => number>} */
const SORTS = {
  urgency: (a, b) =>
    a.rank - b.rank || byDanger(a, b) || weightOf(a).worst - weightOf(b).worst || weightOf(b).open - weightOf(a).open,
  name: by((node) => node.name || node.id),
  cluster: by((node) => `${node.cluster} ${node.group}`.trim()),
  owner: by((node) => node.owner),
  where: by((node) => `${node.account} ${node.region}`.trim()),
  version: by((node) => node.version),
  ends: by((node) => node.ends),
};

/** Nodes in the order of a column; sorted once. @type {Map<string, Node[]>} */
const orders = new Map();
/** @param {View} wanted */
function ordered({ sort, down }) {
  const compare = SORTS[sort] ?? (() => 0);
  const key = `${sort} ${down}`;
  const known = orders.get(key);
  if (known) return known;
  const list = nodes.toSorted((a, b) => (down ? compare(b, a) : compare(a, b)) || a.index - b.index);
  orders.set(key, list);
  return list;
}

/** Which of the words each text has, as bits. @param {readonly { text: string }[]} texts @param {string[]} words */
function masks(texts, words) {
  return Int32Array.from(texts, (each) =>
    words.reduce((mask, word, bit) => (each.text.includes(word) ? mask | (1 << bit) : mask), 0),
  );
}

/** A node with those of its findings that a view shows. @typedef {{ node: Node, found: Finding[], bits: number }} Match */

/**
 * Nodes with a finding that all filters let through, whatever the pick; `bits` says what those findings are. A word may stand
 * in the node or in the finding. A node without findings stands for itself where no filter asks for findings.
 * @param {View} wanted
 * @returns {{ node: Node, bits: number, list: Finding[] }[]}
 */
function candidates(wanted) {
  const words = wanted.words.toLowerCase().split(/\s+/).filter(Boolean).slice(0, 30);
  const all = 2 ** words.length - 1;
  const inFindings = masks(findings, words);
  const inNodes = masks(nodes, words);
  const allowed = findings.map(
    (finding) =>
      (wanted.severity === undefined || finding.severity === wanted.severity) &&
      (wanted.rule === undefined || finding.rule === wanted.rule),
  );
  const isAny = wanted.severity === undefined && wanted.rule === undefined;
  const filters = NODE_FILTERS.filter((name) => wanted[name] !== undefined);
  /** What is let through of nodes of one kind that have the same of the words. @type {Map<Finding[], Map<number, { list: Finding[], bits: number }>>} */
  const known = new Map();
  const letThrough = (/** @type {Finding[]} */ own, /** @type {number} */ mask) => {
    /** @type {Map<number, { list: Finding[], bits: number }>} */
    const byMask = known.get(own) ?? new Map();
    known.set(own, byMask);
    const found = byMask.get(mask);
    if (found) return found;
    const list = own.filter(({ index }) => allowed[index] === true && ((inFindings[index] ?? 0) | mask) === all);
    const made = { list, bits: list.reduce((bits, finding) => bits | finding.bits, 0) };
    byMask.set(mask, made);
    return made;
  };
  return ordered(wanted).flatMap((node) => {
    if (!filters.every((name) => node[name] === wanted[name])) return [];
    if (wanted.node !== undefined && node.id !== wanted.node) return [];
    if (wanted.ends !== undefined && !endsWithin(node, wanted.ends)) return [];
    const own = inNodes[node.index] ?? 0;
    const through = letThrough(node.findings, own);
    let { bits } = through;
    if (node.fresh.size > 0 && through.list.some((finding) => isNew(node, finding))) bits |= NEW;
    if (isAny && own === all && node.findings.length === 0) bits = node.reason ? SILENT : QUIET;
    return bits === 0 ? [] : [{ node, bits, list: through.list }];
  });
}

/** @param {Node} node @param {Finding} finding */
function isNew({ fresh }, { kind, rule }) {
  return kind === 'fail' && fresh.has(rule);
}

/** `7..30`: a certificate that nothing renews ends in more than 7 and at most 30 days. @param {Node} node @param {string} range */
function endsWithin({ lives: list }, range) {
  const [from = '', to = ''] = range.split('..');
  return list.some(({ role, notAfter, renews }) => {
    const days = (Date.parse(notAfter) - NOW) / DAY_MS;
    return (
      role !== 'authority' && renews === 0 && (from === '' || days > Number(from)) && (to === '' || days <= Number(to))
    );
  });
}

/** @param {string} pick @param {{ node: Node, bits: number }} candidate */
function belongs(pick, { node, bits }) {
  return pick === 'clean' ? node.isClean : (bits & (PICKS[pick]?.[1] ?? ANY)) > 0;
}

/** What a view shows. @param {View} wanted @returns {Match[]} */
function matches(wanted, from = candidates(wanted)) {
  const bits = PICKS[wanted.pick]?.[1] ?? ANY;
  /** By what is let through; where new ones alone are asked for, each node has its own. @type {Map<Finding[], Finding[]>} */
  const known = new Map();
  return from
    .filter((candidate) => belongs(wanted.pick, candidate))
    .map((candidate) => {
      const { node, list } = candidate;
      if (bits === NEW) return { node, bits: candidate.bits, found: list.filter((finding) => isNew(node, finding)) };
      const found = known.get(list) ?? list.filter((finding) => (finding.bits & bits) > 0);
      known.set(list, found);
      return { node, bits: candidate.bits, found };
    });
}

/** @param {string} kind @param {string} label */
function chip(kind, label) {
  return el('span', { class: `chip ${kind}` }, label);
}

/** @param {Match} match */
function chips({ node, found }) {
  const cell = el('td');
  if (node.reason) cell.append(chip('silent', node.reason));
  if (found.some(({ bits }) => bits & RISK)) cell.append(chip('fail', 'at risk'));
  const counts = Map.groupBy(found, ({ kind }) => kind);
  for (const kind of ['fail', 'error', 'manual', 'waived']) {
    const count = counts.get(kind)?.length ?? 0;
    if (count > 0) cell.append(chip(kind, `${count} ${kind === 'error' ? 'not judged' : LABEL[kind]}`));
  }
  const passed = counts.get('pass')?.length ?? 0;
  if (passed > 0 && found.every(isQuiet)) cell.append(chip('pass', `${passed} pass`));
  if (found.some((finding) => isNew(node, finding))) cell.append(chip('new', 'new'));
  return cell;
}

/** What to do, as a numbered list whose commands can be copied. @param {Finding['steps']} steps */
function todo(steps) {
  const items = steps.map(([words, command]) => {
    const typed = command && el('div', { class: 'typed' }, el('code', {}, command), copier());
    return el('li', {}, rich(words), typed || undefined);
  });
  return el('div', { class: 'do' }, el('strong', {}, 'What to do:'), el('ol', { class: 'steps' }, ...items));
}

function copier() {
  return el('button', { type: 'button', 'data-typed': '' }, 'Copy');
}

/** As findings.csv has them. @param {Finding['steps']} steps */
function inOneLine(steps) {
  const lines = steps.map(([words, command]) => (command ? `${words.replace(/[.:]$/, '')}: \`${command}\`.` : words));
  return lines.length === 1 ? lines.join('') : lines.map((line, index) => `${index + 1}. ${line}`).join(' ');
}

/** @param {Node} node @param {Finding} finding */
function findingOf(node, finding) {
  const [passes, why, severity, source, fails] = catalog.get(finding.rule) ?? [finding.rule, '', '', '', finding.rule];
  const title = finding.kind === 'fail' ? fails : passes;
  const { kind, controls, audit } = finding;
  const isLoud = !isQuiet(finding);
  const since = node.since.find(([rule]) => text(rule) === finding.rule);
  const head = el(
    'h3',
    {},
    chip(kind, LABEL[kind] ?? kind),
    finding.bits & RISK ? chip('fail', 'at risk') : undefined,
    severity && isLoud ? chip(severity, severity) : undefined,
    el('bdi', {}, title),
  );
  if (since) head.append(' ', el('span', { class: 'sub' }, since[2] === 1 ? 'new' : `open since ${text(since[1])}`));
  const box = el('div', { class: `finding ${kind}` }, head, el('p', {}, rich(finding.reason)));
  for (const [id, words] of finding.advisories) {
    box.append(el('p', { class: 'warn' }, el('strong', {}, 'Warning: '), rich(words), ' ', el('code', {}, id)));
  }
  if (finding.steps.length > 0) box.append(todo(finding.steps));
  if (finding.waiver) box.append(el('p', {}, el('strong', {}, 'Accepted: '), el('bdi', {}, finding.waiver)));
  if (why && isLoud) box.append(el('p', { class: 'sub' }, why));
  const answers = controls ? ` · ${controls}` : '';
  const says = audit ? ` · the benchmark’s audit says ${audit}` : '';
  const foot = el('p', { class: 'sub' }, el('code', {}, finding.rule), answers, says);
  if (source && isLoud) foot.append(' · ', el('a', { href: source, rel: 'noreferrer' }, 'source'));
  box.append(foot);
  return box;
}

/** Findings in their boxes; what one cause keeps from being judged is one box. @param {Node} node @param {Finding[]} list */
function boxesOf(node, list) {
  const causes = Map.groupBy(
    list.filter(({ kind }) => kind === 'error'),
    ({ reason }) => reason,
  );
  return list.flatMap((finding) => {
    const same = finding.kind === 'error' ? (causes.get(finding.reason) ?? []) : [];
    if (same.length < 2) return [findingOf(node, finding)];
    return same[0] === finding ? [unjudgedOf(finding, same)] : [];
  });
}

/** @param {Finding} first @param {Finding[]} all */
function unjudgedOf(first, all) {
  const head = el('h3', {}, chip('error', 'error'), `${all.length} rules not judged`);
  const box = el('div', { class: 'finding error' }, head, el('p', {}, rich(first.reason)));
  if (first.steps.length > 0) box.append(todo(first.steps));
  box.append(el('p', { class: 'sub' }, el('code', {}, all.map(({ rule }) => rule).join(', '))));
  return box;
}

/** @param {string} name @param {string[]} heads @param {(HTMLElement | string)[][]} rows */
function tableOf(name, heads, rows) {
  const body = rows.map(([first = '', ...others]) =>
    el('tr', {}, el('th', { scope: 'row' }, first), ...others.map((cell) => el('td', { class: 'wrap' }, cell))),
  );
  const columns = heads.map((head) => el('th', { scope: 'col' }, head));
  const table = el('table', {}, el('thead', {}, el('tr', {}, ...columns)), el('tbody', {}, ...body));
  return el('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': name }, table);
}

/** @param {Node} node */
function certificatesOf({ lives: list }) {
  if (list.length === 0) return undefined;
  const rows = list.map(({ role, path, notAfter, renews }) => [
    role,
    notAfter.slice(0, 10),
    renews < 0 ? 'by others' : renews ? 'yes' : el('b', { class: 'stop' }, 'no'),
    el('code', {}, path),
  ]);
  const table = tableOf('Certificates', ['Certificate', 'Ends', 'Renewed', 'Where'], rows);
  return el('details', {}, el('summary', {}, 'Its certificates'), table);
}

/** @param {Node} node */
function settingsOf(node) {
  const settings = data.settings[node.settings];
  if (!settings) return undefined;
  const rows = settings.map(([path, value, source]) => [
    el('code', {}, text(path)),
    el('code', {}, text(value)),
    el('bdi', {}, text(source)),
  ]);
  const table = tableOf('Effective settings', ['Setting', 'Value', 'Where it comes from'], rows);
  const why = el(
    'p',
    { class: 'sub' },
    'Every layer, with file and line: ',
    el('code', {}, `kubevigil explain ${node.id}`),
  );
  return el('details', {}, el('summary', {}, 'What this kubelet runs with'), table, why);
}

/** What was not read on it, and what is written there and counts for nothing. @param {Node} node */
function notesOf(node) {
  const notes = data.notes[node.notes] ?? [];
  if (notes.length === 0) return undefined;
  const items = notes.map((note) => el('li', {}, el('bdi', {}, text(note))));
  return el('details', {}, el('summary', {}, 'What is not read there'), el('ul', {}, ...items));
}

/** @param {Match} match */
function details({ node, found }) {
  const cell = el('td', { colspan: String(byId('heads').children.length) });
  if (node.reason) {
    const detail = el('bdi', {}, node.detail || 'The node gave no answer.');
    cell.append(
      el('div', { class: 'finding silent' }, el('h3', {}, `Not evaluated: ${node.reason}`), el('p', {}, detail)),
    );
  }
  const told = found.filter((finding) => !isQuiet(finding) || finding.advisories.length > 0 || view.rule !== undefined);
  const others = node.findings.filter((finding) => !told.includes(finding));
  cell.append(...boxesOf(node, told));
  if (others.length > 0) {
    const loud = others.filter((finding) => !isQuiet(finding)).length;
    const name = loud > 0 ? `${others.length} other findings` : `${others.length} passed or not applicable`;
    cell.append(el('details', {}, el('summary', {}, name), el('div', {}, ...boxesOf(node, others))));
  }
  for (const part of [certificatesOf(node), settingsOf(node), notesOf(node)]) if (part) cell.append(part);
  const foot = el(
    'p',
    { class: 'sub' },
    el('a', { href: `#node=${encodeURIComponent(node.id)}` }, 'Link to this node'),
  );
  if (node.benchmark) foot.append(' · ', el('bdi', {}, node.benchmark));
  if (node.dns) foot.append(' · private DNS name ', el('code', {}, node.dns));
  cell.append(foot);
  return el('tr', { class: 'inside', id: `details-${node.index}` }, cell);
}

/** @param {Match} match */
function rowOf(match) {
  const { node } = match;
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
  const ends = node.ends.slice(0, 10);
  const row = el(
    'tr',
    {},
    el('th', { scope: 'row' }, button, node.name ? el('div', { class: 'sub mono nowrap' }, node.id) : undefined),
    chips(match),
    el(
      'td',
      { class: 'wrap' },
      el('bdi', {}, node.cluster),
      node.group ? el('div', { class: 'sub' }, node.group) : undefined,
    ),
    el('td', { class: 'wrap' }, el('bdi', {}, node.owner)),
    el('td', { class: 'sub nowrap' }, node.account, el('div', {}, node.region)),
    el('td', { class: 'sub wrap' }, node.version),
    el('td', { class: 'nowrap' }, ends ? el('b', { class: 'stop' }, ends) : undefined),
  );
  button.addEventListener('click', () => {
    const isOpen = !open.has(node.index);
    button.setAttribute('aria-expanded', String(isOpen));
    if (isOpen) {
      open.add(node.index);
      row.after(details(match));
      button.setAttribute('aria-controls', controls);
    } else {
      open.delete(node.index);
      row.nextElementSibling?.remove();
      button.removeAttribute('aria-controls');
    }
  });
  return row;
}

/** What the table shows now. @type {Match[]} */
let current = [];

/** @param {boolean} [isPrinted] Every row with its reasons. */
function rowsOf(isPrinted = false) {
  const rows = document.createDocumentFragment();
  for (const match of current.slice(0, isPrinted ? Math.max(shown, PRINTED) : shown)) {
    rows.append(rowOf(match));
    if (isPrinted || open.has(match.node.index)) rows.append(details(match));
  }
  byId('rows').replaceChildren(rows);
}

function draw() {
  const from = candidates(view);
  current = matches(view, from);
  rowsOf();
  const total = current.reduce((sum, { found }) => sum + found.length, 0);
  const only =
    view.node !== undefined ? `, only ${view.node}` : view.ends !== undefined ? ', only by end of certificate' : '';
  byId('count').textContent =
    current.length === 0
      ? `No node matches${only}.`
      : `Showing ${number(Math.min(shown, current.length))} of ${number(current.length)} nodes with ${number(total)} findings${only}.`;
  byId('more').hidden = current.length <= shown;
  byId('ids').hidden = true;
  for (const button of byId('picks').querySelectorAll('button')) {
    button.setAttribute('aria-pressed', String(button.value === view.pick));
    const count = from.filter((candidate) => belongs(button.value, candidate)).length;
    button.textContent = `${PICKS[button.value]?.[0]} ${number(count)}`;
  }
  for (const button of byId('heads').querySelectorAll('button')) {
    const isSorted = button.value === view.sort;
    const order = isSorted ? (view.down ? 'descending' : 'ascending') : 'none';
    button.parentElement?.setAttribute('aria-sort', order);
  }
}

/** The address of a view; but for the pick, what is as at the start is not in it. @param {View} wanted */
function addressOf(wanted) {
  const parts = new URLSearchParams();
  for (const [name, value] of Object.entries(wanted)) {
    const start = /** @type {Record<string, unknown>} */ (START)[name];
    if (value !== undefined && (name === 'pick' || value !== start)) parts.set(name, String(value));
  }
  return `#${parts}`;
}

/** The view of an address; undefined where it is none of a view. @param {string} address @returns {View | undefined} */
function viewOf(address) {
  if (!address.includes('=')) return undefined;
  const parts = new URLSearchParams(address.replace(/^#/, ''));
  /** @type {View} */
  const wanted = { ...START, pick: 'all', words: parts.get('words') ?? '' };
  for (const name of /** @type {const} */ ([...SELECTS, 'ends', 'node'])) {
    const value = parts.get(name);
    if (value !== null) wanted[name] = value;
  }
  const pick = parts.get('pick') ?? '';
  if (Object.hasOwn(PICKS, pick)) wanted.pick = pick;
  const sort = parts.get('sort') ?? '';
  if (Object.hasOwn(SORTS, sort)) wanted.sort = sort;
  if (parts.get('down') === 'true') wanted.down = true;
  return wanted;
}

function writeAddress() {
  history.replaceState(null, '', addressOf(view));
}

/** Shows a view from its first row, and writes its address. @param {Partial<View>} change */
function show(change) {
  view = { ...view, ...change };
  shown = STEP;
  writeAddress();
  draw();
}

/** Shows the view that the address names: `#node=i-0abc…`, `#pick=open&severity=critical`. */
function follow() {
  const wanted = viewOf(location.hash);
  if (!wanted) return;
  view = wanted;
  shown = STEP;
  if (view.node !== undefined) for (const node of nodes) if (node.id === view.node) open.add(node.index);
  field('words').value = view.words;
  for (const name of SELECTS) field(name).value = view[name] === undefined ? '' : `=${view[name]}`;
  draw();
  byId('nodes').scrollIntoView();
}

/** Puts instance ids into the clipboard, or where a browser forbids that, on the page, selected. @param {Match[]} list */
async function copyIds(list) {
  const ids = list.map(({ node }) => node.id).join('\n');
  try {
    await navigator.clipboard.writeText(ids);
    byId('count').textContent = `Copied ${number(list.length)} instance ids.`;
  } catch {
    const area = /** @type {HTMLTextAreaElement} */ (byId('ids'));
    area.value = ids;
    area.hidden = false;
    area.focus();
    area.select();
  }
}

/** Copies the command beside a button; where that is not allowed it is selected. @param {Element} button */
async function copyTyped(button) {
  const command = button.previousElementSibling;
  if (!command) return;
  try {
    await navigator.clipboard.writeText(command.textContent ?? '');
    button.textContent = 'Copied';
  } catch {
    getSelection()?.selectAllChildren(command);
  }
}

const CSV_COLUMNS = [
  'account',
  'region',
  'cluster',
  'group',
  'owner',
  'node',
  'name',
  'kubelet',
  'rule',
  'severity',
  'status',
  'at_risk',
  'open_since',
  'reason',
  'remediation',
  'controls',
];

/** A cell of a CSV file; one that a spreadsheet would run as a formula is text (as in findings.csv). @param {string} value */
function csvCell(value) {
  const safe = /^\s*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20|%]/.test(value) ? `'${value}` : value;
  return /[",;\s']/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** The rows that are shown, as RFC 4180 has it. @param {Match[]} list */
function csvOf(list) {
  const rows = list.flatMap(({ node, found }) => {
    const about = [node.account, node.region, node.cluster, node.group, node.owner, node.id, node.name, node.version];
    if (node.reason) return [[...about, '', '', node.reason, '', '', node.detail, '', '']];
    return found.map((finding) => {
      const since = node.since.find(([rule]) => text(rule) === finding.rule);
      const { rule, severity, kind, bits, reason, steps, controls } = finding;
      const risk = bits & RISK ? node.stops || 'next start' : '';
      return [
        ...about,
        rule,
        severity,
        LABEL[kind] ?? kind,
        risk,
        since ? text(since[1]) : '',
        reason,
        inOneLine(steps),
        controls,
      ];
    });
  });
  return [CSV_COLUMNS, ...rows].map((row) => `${row.map(csvCell).join(',')}\r\n`).join('');
}

function exportRows() {
  const url = URL.createObjectURL(new Blob([csvOf(current)], { type: 'text/csv' }));
  el('a', { href: url, download: `kubevigil-${data.scan}.csv` }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** Fills a filter with what there is; one with a single value is no filter. @param {(typeof SELECTS)[number]} name @param {string[]} values */
function fill(name, values, label = (/** @type {string} */ value) => value || '(none)') {
  const distinct = [...new Set(values)].sort(collator.compare);
  for (const value of distinct) byId(name).append(el('option', { value: `=${value}` }, label(value)));
  const box = byId(name).parentElement;
  if (box) box.hidden = distinct.length < 2;
}

for (const name of NODE_FILTERS)
  fill(
    name,
    nodes.map((node) => node[name]),
  );
fill(
  'rule',
  findings.map(({ rule }) => rule),
  (rule) => catalog.get(rule)?.[0] ?? rule,
);
const severities = new Set(findings.map(({ severity }) => severity));
for (const severity of Object.keys(SEVERITY)) {
  if (severities.has(severity)) byId('severity').append(el('option', { value: `=${severity}` }, severity));
}
for (const name of SELECTS) {
  byId(name).addEventListener('change', () => {
    const { value } = field(name);
    show({ [name]: value === '' ? undefined : value.slice(1), node: undefined });
  });
}

for (const name of Object.keys(PICKS)) {
  const button = el('button', { type: 'button', value: name });
  button.addEventListener('click', () => show({ pick: name }));
  byId('picks').append(button);
}
for (const button of byId('heads').querySelectorAll('button')) {
  button.addEventListener('click', () => show({ sort: button.value, down: view.sort === button.value && !view.down }));
}
if (!nodes.some((node) => node.rank < 5)) START.pick = 'all';
view = { ...START };

// Browsers take an address only so many times in half a minute, and readers type faster.
let timer = 0;
byId('words').addEventListener('input', () => {
  const { node: _node, ...kept } = view;
  view = { ...kept, words: field('words').value.trim() };
  shown = STEP;
  draw();
  clearTimeout(timer);
  timer = setTimeout(writeAddress, 300);
});
byId('more').addEventListener('click', () => {
  shown += STEP * 5;
  draw();
});
byId('reset').addEventListener('click', () => {
  for (const name of SELECTS) field(name).value = '';
  field('words').value = '';
  view = { ...START };
  show({ pick: 'all' });
});
byId('copy').addEventListener('click', () => copyIds(current));
byId('export').addEventListener('click', exportRows);
for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (document.querySelectorAll('[data-copy]'))) {
  button.hidden = false;
  button.addEventListener('click', () => {
    const wanted = viewOf(button.dataset.copy ?? '');
    if (wanted) copyIds(matches(wanted)).then(() => (button.textContent = 'Copied'));
  });
}

for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (document.querySelectorAll('[data-typed]'))) {
  button.hidden = false;
}
document.addEventListener('click', ({ target }) => {
  const button = target instanceof Element && target.closest('[data-typed]');
  if (button) copyTyped(button);
});

const root = document.documentElement;
byId('theme').hidden = false;
byId('theme').addEventListener('click', () => {
  const prefersDark = matchMedia('(prefers-color-scheme: dark)').matches;
  const isDark = root.dataset.theme ? root.dataset.theme === 'dark' : prefersDark;
  root.dataset.theme = isDark ? 'light' : 'dark';
});

/** What print opens, to be closed afterwards. @type {HTMLDetailsElement[]} */
let opened = [];
addEventListener('beforeprint', () => {
  rowsOf(true);
  opened = [...document.querySelectorAll('details')].filter((each) => !each.open && !each.closest('.inside'));
  for (const each of opened) each.open = true;
});
addEventListener('afterprint', () => {
  for (const each of opened) each.open = false;
  rowsOf();
});

byId('tools').hidden = false;
byId('table').hidden = false;
byId('static').remove();
draw();
follow();
addEventListener('hashchange', follow);
