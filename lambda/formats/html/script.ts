/**
 * The report's own script: search, filters and details of nodes over the data inside the page. It is text, because it
 * runs in a browser and its digest stands in the page's content security policy. It writes text nodes and attributes
 * only, never markup, so nothing that a node is called can become an element.
 */
export const script = String.raw`'use strict';
(function () {
  var data = JSON.parse(document.getElementById('data').textContent);
  var S = data.strings;
  var catalog = new Map(Object.entries(data.catalog));
  var STEP = 100;
  var shown = STEP;
  var pick = 'attention';
  var open = new Set();
  var ORDER = { fail: 0, error: 1, manual: 2, waived: 3, pass: 4, 'not-applicable': 5 };
  var SEVERITY = { critical: 0, high: 1, medium: 2, low: 3 };
  var LABEL = { fail: 'fail', error: 'error', manual: 'manual', waived: 'accepted', pass: 'pass', 'not-applicable': 'not applicable' };

  function el(tag, attributes) {
    var node = document.createElement(tag);
    for (var name in attributes || {}) {
      if (name === 'class') node.className = attributes[name];
      else if (name.slice(0, 2) === 'on') node.addEventListener(name.slice(2), attributes[name]);
      else if (attributes[name] !== null && attributes[name] !== false) node.setAttribute(name, attributes[name]);
    }
    for (var i = 2; i < arguments.length; i += 1) {
      var child = arguments[i];
      if (child === null || child === undefined || child === '') continue;
      node.append(child);
    }
    return node;
  }
  function byId(id) { return document.getElementById(id); }
  function number(n) { return n.toLocaleString('en'); }

  function rich(text) {
    var line = el('bdi');
    text.split(/\x60([^\x60]+)\x60/).forEach(function (part, index) {
      if (part) line.append(index % 2 === 1 ? el('code', null, part) : part);
    });
    return line;
  }

  var findings = data.findings.map(function (f) {
    return {
      rule: S[f[0]], status: f[1], audit: f[2], reason: S[f[3]], advice: f[4] < 0 ? '' : S[f[4]],
      advisories: f[5].map(function (a) { return [S[a[0]], S[a[1]]]; }),
      controls: S[f[6]], waiver: f[7] < 0 ? '' : S[f[7]]
    };
  });
  findings.forEach(function (f) { f.kind = f.waiver && f.status === 'fail' ? 'waived' : f.status; });

  var sets = data.sets.map(function (list) {
    var set = { list: list, counts: {}, rules: new Set(), text: '', worst: 4 };
    var words = [];
    list.forEach(function (index) {
      var f = findings[index];
      set.counts[f.kind] = (set.counts[f.kind] || 0) + 1;
      if (f.kind === 'fail') set.worst = Math.min(set.worst, severityOf(f));
      if (f.kind !== 'pass' && f.kind !== 'not-applicable') {
        set.rules.add(f.rule);
        words.push(f.rule, f.reason);
      }
    });
    set.text = words.join('\n').toLowerCase();
    return set;
  });

  var nodes = data.nodes.map(function (n, index) {
    var since = data.opens[n[10]];
    return {
      index: index, id: S[n[0]], where: S[n[1]], cluster: S[n[2]], name: S[n[3]], dns: S[n[4]],
      reason: n[5] < 0 ? '' : S[n[5]], detail: S[n[6]], version: S[n[7]],
      set: n[8] < 0 ? null : sets[n[8]], settings: n[9], since: since,
      isNew: since.some(function (o) { return o[2] === 1; }),
      text: [S[n[0]], S[n[1]], S[n[2]], S[n[3]], S[n[4]], S[n[5] < 0 ? n[0] : n[5]], S[n[6]], S[n[7]]].join('\n').toLowerCase()
    };
  });
  function has(node, kind) { return node.set !== null && node.set.counts[kind] > 0; }
  function rank(node) {
    if (has(node, 'fail')) return 0;
    if (node.reason) return 1;
    if (has(node, 'error')) return 2;
    if (has(node, 'manual')) return 3;
    if (has(node, 'waived')) return 4;
    return 5;
  }
  function worst(node) { return node.set ? node.set.worst : 4; }
  nodes.forEach(function (node) { node.rank = rank(node); });
  var sorted = nodes.slice().sort(function (a, b) {
    return a.rank - b.rank || worst(a) - worst(b) || ((b.set && b.set.counts.fail) || 0) - ((a.set && a.set.counts.fail) || 0) || a.index - b.index;
  });

  var PICKS = {
    attention: ['Need attention', function (n) { return n.rank < 4; }],
    fail: ['Open', function (n) { return n.rank === 0; }],
    fresh: ['New', function (n) { return n.isNew; }],
    silent: ['Unreachable', function (n) { return n.reason !== ''; }],
    error: ['Error', function (n) { return has(n, 'error'); }],
    manual: ['Manual', function (n) { return has(n, 'manual'); }],
    waived: ['Accepted', function (n) { return has(n, 'waived'); }],
    clean: ['Clean', function (n) { return n.rank === 5; }],
    all: ['All', function () { return true; }]
  };

  function chips(node) {
    var cell = el('td');
    if (node.reason) cell.append(el('span', { class: 'chip silent' }, node.reason));
    if (node.set) {
      ['fail', 'error', 'manual', 'waived'].forEach(function (kind) {
        if (node.set.counts[kind]) cell.append(el('span', { class: 'chip ' + kind }, node.set.counts[kind] + ' ' + LABEL[kind]));
      });
      if (node.rank === 5) cell.append(el('span', { class: 'chip pass' }, (node.set.counts.pass || 0) + ' pass'));
    }
    if (node.isNew) cell.append(el('span', { class: 'chip new' }, 'new'));
    return cell;
  }

  function sinceOf(node, rule) {
    for (var i = 0; i < node.since.length; i += 1) if (S[node.since[i][0]] === rule) return node.since[i];
    return null;
  }

  function severityOf(f) {
    var about = catalog.get(f.rule);
    return about && about[2] in SEVERITY ? SEVERITY[about[2]] : 4;
  }

  function findingOf(node, f) {
    var about = catalog.get(f.rule) || [f.rule, '', ''];
    var box = el('div', { class: 'finding ' + f.kind });
    var since = sinceOf(node, f.rule);
    var head = el('h3', null, el('span', { class: 'chip ' + f.kind }, LABEL[f.kind]), about[2] && f.kind !== 'pass' && f.kind !== 'not-applicable' ? el('span', { class: 'chip ' + about[2] }, about[2]) : null, el('bdi', null, about[0]));
    if (since) head.append(' ', el('span', { class: 'sub' }, since[2] === 1 ? 'new' : 'open since ' + S[since[1]]));
    box.append(head, el('p', null, rich(f.reason)));
    f.advisories.forEach(function (a) { box.append(el('p', { class: 'warn' }, el('strong', null, 'Warning: '), rich(a[1]), ' ', el('code', null, a[0]))); });
    if (f.advice) box.append(el('p', { class: 'do' }, el('strong', null, 'What to do: '), rich(f.advice)));
    if (f.waiver) box.append(el('p', null, el('strong', null, 'Accepted: '), el('bdi', null, f.waiver)));
    if (about[1] && f.kind !== 'pass' && f.kind !== 'not-applicable') box.append(el('p', { class: 'sub' }, about[1]));
    box.append(el('p', { class: 'sub' }, el('code', null, f.rule), f.controls ? ' · ' + f.controls : '', f.audit ? ' · the benchmark\u2019s audit says ' + f.audit : ''));
    return box;
  }

  function settingsOf(node) {
    if (node.settings < 0) return null;
    var body = el('tbody');
    data.settings[node.settings].forEach(function (row) {
      body.append(el('tr', null, el('th', { scope: 'row' }, el('code', null, S[row[0]])), el('td', null, el('code', null, S[row[1]])), el('td', { class: 'wrap' }, el('bdi', null, S[row[2]]))));
    });
    var table = el('table', null, el('thead', null, el('tr', null, el('th', { scope: 'col' }, 'Setting'), el('th', { scope: 'col' }, 'Value'), el('th', { scope: 'col' }, 'Where it comes from'))), body);
    return el('details', null, el('summary', null, 'What this kubelet runs with'), el('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Effective settings' }, table));
  }

  function details(node) {
    var cell = el('td', { colspan: '5' });
    if (node.reason) cell.append(el('div', { class: 'finding silent' }, el('h3', null, 'Not evaluated: ' + node.reason), el('p', null, el('bdi', null, node.detail || 'The node gave no answer.'))));
    if (node.set) {
      var list = node.set.list.map(function (i) { return findings[i]; }).sort(function (a, b) { return ORDER[a.kind] - ORDER[b.kind] || severityOf(a) - severityOf(b); });
      var quiet = el('div');
      var quietCount = 0;
      list.forEach(function (f) {
        if (f.kind === 'pass' || f.kind === 'not-applicable') {
          if (f.advisories.length > 0) cell.append(findingOf(node, f));
          else { quiet.append(findingOf(node, f)); quietCount += 1; }
        } else cell.append(findingOf(node, f));
      });
      if (quietCount > 0) cell.append(el('details', null, el('summary', null, quietCount + ' passed or not applicable'), quiet));
    }
    var settings = settingsOf(node);
    if (settings) cell.append(settings);
    if (node.dns) cell.append(el('p', { class: 'sub' }, 'Private DNS name: ', el('code', null, node.dns)));
    return el('tr', { class: 'inside', id: 'details-' + node.index }, cell);
  }

  function rowOf(node) {
    var expanded = open.has(node.index);
    var button = el('button', { type: 'button', class: 'row', 'aria-expanded': String(expanded), 'aria-controls': expanded ? 'details-' + node.index : null }, el('bdi', null, node.name || node.id));
    var row = el('tr', null,
      el('th', { scope: 'row' }, button, node.name ? el('div', { class: 'sub mono' }, node.id) : null),
      chips(node),
      el('td', { class: 'wrap' }, el('bdi', null, node.cluster)),
      el('td', { class: 'sub' }, node.where),
      el('td', { class: 'sub wrap' }, node.version));
    button.addEventListener('click', function () {
      if (open.has(node.index)) {
        open.delete(node.index);
        button.setAttribute('aria-expanded', 'false');
        button.removeAttribute('aria-controls');
        row.nextSibling.remove();
      } else {
        open.add(node.index);
        row.after(details(node));
        button.setAttribute('aria-expanded', 'true');
        button.setAttribute('aria-controls', 'details-' + node.index);
      }
    });
    return row;
  }

  var body = byId('rows');
  function matching(without) {
    var words = byId('search').value.trim().toLowerCase();
    var cluster = byId('cluster').value;
    var rule = byId('rule').value;
    return sorted.filter(function (node) {
      if (!without && !PICKS[pick][1](node)) return false;
      if (cluster !== '' && node.cluster !== cluster.slice(1)) return false;
      if (rule !== '' && !(node.set && node.set.rules.has(rule))) return false;
      return words === '' || node.text.includes(words) || (node.set !== null && node.set.text.includes(words));
    });
  }
  function draw() {
    var found = matching(false);
    var rows = document.createDocumentFragment();
    found.slice(0, shown).forEach(function (node) {
      rows.append(rowOf(node));
      if (open.has(node.index)) rows.append(details(node));
    });
    body.replaceChildren(rows);
    byId('count').textContent = found.length === 0 ? 'No node matches.' : 'Showing ' + number(Math.min(shown, found.length)) + ' of ' + number(found.length) + ' nodes.';
    byId('more').hidden = found.length <= shown;
    var candidates = matching(true);
    byId('picks').querySelectorAll('button').forEach(function (button) {
      var choice = PICKS[button.value];
      button.setAttribute('aria-pressed', String(button.value === pick));
      button.textContent = choice[0] + ' ' + number(candidates.filter(choice[1]).length);
    });
  }
  function restart() { shown = STEP; draw(); }

  function fill(select, values) {
    values.forEach(function (v) { select.append(el('option', { value: v[0] }, v[1])); });
  }
  var clusters = Array.from(new Set(nodes.map(function (n) { return n.cluster; }))).sort();
  fill(byId('cluster'), clusters.map(function (c) { return ['=' + c, c || '(no cluster)']; }));
  var rules = Array.from(new Set(sets.flatMap(function (s) { return Array.from(s.rules); }))).sort();
  fill(byId('rule'), rules.map(function (r) { return [r, (catalog.get(r) || [r])[0]]; }));

  Object.keys(PICKS).forEach(function (name) {
    byId('picks').append(el('button', { type: 'button', value: name, onclick: function () { pick = name; restart(); } }));
  });
  if (!nodes.some(PICKS.attention[1])) pick = 'all';
  var timer = 0;
  byId('search').addEventListener('input', function () { clearTimeout(timer); timer = setTimeout(restart, 120); });
  byId('cluster').addEventListener('change', restart);
  byId('rule').addEventListener('change', restart);
  byId('more').addEventListener('click', function () { shown += STEP * 5; draw(); });
  document.querySelectorAll('[data-rule]').forEach(function (button) {
    button.hidden = false;
    button.nextSibling.hidden = true;
    button.addEventListener('click', function () {
      byId('rule').value = button.getAttribute('data-rule');
      pick = 'all';
      restart();
      byId('nodes').scrollIntoView();
      byId('search').focus({ preventScroll: true });
    });
  });

  var theme = byId('theme');
  theme.hidden = false;
  theme.addEventListener('click', function () {
    var dark = document.documentElement.dataset.theme ? document.documentElement.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
    document.documentElement.dataset.theme = dark ? 'light' : 'dark';
  });

  function follow() {
    var match = /^#node=(.+)$/.exec(location.hash);
    if (!match) return;
    var id = decodeURIComponent(match[1]);
    nodes.forEach(function (node) { if (node.id === id) open.add(node.index); });
    byId('search').value = id;
    pick = 'all';
    restart();
    byId('nodes').scrollIntoView();
  }
  byId('tools').hidden = false;
  byId('table').hidden = false;
  byId('static').remove();
  draw();
  follow();
  addEventListener('hashchange', follow);
})();
`;
