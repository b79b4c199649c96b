/** Runs the examples of docs/rules, and holds the heads of the pages in step with the rules. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { evaluate, rules } from '../../lambda/judging/index.ts';
import { inOneLine } from '../../lambda/platforms/step.ts';
import { page, pageUrl } from '../../tools/rule-docs.ts';
import { inputOf, readExample } from './example.ts';

for (const rule of rules) {
  const text = readFileSync(pageUrl(rule), 'utf8');
  const examples = [...text.matchAll(/^```yaml example\n(.*?)^```$/gms)].map(([, body = '']) => readExample(body));

  test(`docs/rules/${rule.name}.md has the head of its rule`, () => {
    assert.equal(text, page(rule, text), 'run: node tools/rule-docs.ts --write');
  });

  test(`docs/rules/${rule.name}.md shows what passes and what does not`, () => {
    const statuses = new Set(examples.map(({ status }) => status));
    if (rule.name === 'ip-address-deny') assert.deepEqual(statuses, new Set(['manual']));
    else assert.ok(statuses.has('pass') && (statuses.has('fail') || statuses.has('manual')), [...statuses].join());
  });

  for (const [index, example] of examples.entries()) {
    test(`docs/rules/${rule.name}.md, example ${index + 1}: ${example.status}`, () => {
      const { benchmarks } = example;
      const [finding] = evaluate(inputOf(example), { rules: [rule.name], ...(benchmarks && { benchmarks }) });
      assert.ok(finding);
      const { status, audit, reason, advisories, remediation } = finding;
      assert.deepEqual({ status, audit }, { status: example.status, audit: example.audit }, reason);
      assert.ok(reason.includes(example.reason), reason);
      assert.deepEqual(
        advisories.map(({ id }) => id),
        example.advisories,
      );
      const todo = inOneLine(remediation ?? []);
      if (example.remediation) assert.ok(todo.includes(example.remediation), todo);
    });
  }
}

test('no page is left of a rule that is gone', () => {
  const pages = readdirSync(new URL('../../docs/rules/', import.meta.url)).map((name) => name.replace(/\.md$/, ''));
  assert.deepEqual(
    pages.toSorted(),
    rules.map(({ name }) => name),
  );
});

test('CONTRIBUTING.md walks through a rule as it is', () => {
  const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
  const text = read('CONTRIBUTING.md');
  for (const path of ['lambda/rules/make-iptables-util-chains.ts', 'test/rules/make-iptables-util-chains.test.ts']) {
    assert.ok(text.includes(`\`\`\`ts\n${read(path)}\`\`\``), `${path} differs from what CONTRIBUTING.md shows`);
  }
  const [line = ''] = read('lambda/rules/index.ts').match(/^.*makeIptablesUtilChains.*$/m) ?? [];
  assert.ok(text.includes(line));
});
