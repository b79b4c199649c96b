import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { collectDocument, documentOf, windowsDocument } from '../../lambda/nodes/document.ts';
import { collector, windowsCollector } from '../../lambda/nodes/script.ts';

describe('the SSM document', () => {
  const document = collectDocument();
  const content = JSON.parse(document.content);

  it('runs the collector as it is, on Linux, for a minute at most, and takes no parameters', () => {
    assert.equal(content.schemaVersion, '2.2');
    assert.equal(content.parameters, undefined);
    assert.equal(content.mainSteps.length, 1);
    const [step] = content.mainSteps;
    assert.equal(step.action, 'aws:runShellScript');
    assert.deepEqual(step.precondition, { StringEquals: ['platformType', 'Linux'] });
    assert.equal(step.inputs.timeoutSeconds, '60');
    assert.equal(`${step.inputs.runCommand.join('\n')}\n`, collector());
  });

  it('is named by its content, so that another script is another document', () => {
    assert.equal(document.hash, createHash('sha256').update(document.content).digest('hex'));
    assert.equal(document.name, `kubevigil-collect-${document.hash.slice(0, 16)}`);
    assert.equal(document.version, '1');
    assert.notEqual(collectDocument('echo 1\n').name, collectDocument('echo 2\n').name);
  });

  it('is refused where SSM would replace a part of it', () => {
    assert.throws(
      () => collectDocument('#!/bin/sh\necho {{ ssm:secret }}\n'),
      /^Error: the collector's line 2 has "\{\{"/,
    );
  });

  it('is refused where SSM would not take it', () => {
    const longest = 'x'.repeat(64 * 1024 - Buffer.byteLength(collectDocument('').content));
    assert.equal(Buffer.byteLength(collectDocument(longest).content), 64 * 1024);
    assert.throws(
      () => collectDocument(`${longest}x`),
      /an SSM document of 65537 bytes, but SSM takes 65536: shorten it/,
    );
  });
});

describe('the SSM document for Windows', () => {
  const document = windowsDocument();
  const content = JSON.parse(document.content);

  it('runs the collector for Windows as it is, there alone, and takes no parameters', () => {
    assert.equal(content.parameters, undefined);
    assert.equal(content.mainSteps.length, 1);
    const [step] = content.mainSteps;
    assert.equal(step.action, 'aws:runPowerShellScript');
    assert.deepEqual(step.precondition, { StringEquals: ['platformType', 'Windows'] });
    assert.equal(step.inputs.timeoutSeconds, '60');
    assert.equal(`${step.inputs.runCommand.join('\n')}\n`, windowsCollector());
  });

  it('is named by its content too, and as what it is', () => {
    assert.equal(document.name, `kubevigil-collect-windows-${document.hash.slice(0, 16)}`);
    assert.deepEqual(documentOf(document.content, 'kubevigil'), document);
    assert.equal(windowsDocument(undefined, 'other').name, `other-collect-windows-${document.hash.slice(0, 16)}`);
  });

  it('has the same list as the one for Linux, but for what no node of Windows has', () => {
    const lists = [collector(), windowsCollector()].map((script) =>
      script
        .split('\n')
        .map((line) => line.replace(/^ALLOWED='/, ''))
        .filter((line) => /^(flag|kubelet|kubeconfig|proxyflag|proxy) [a-z]+ \S/.test(line)),
    );
    assert.ok((lists[0]?.length ?? 0) > 60);
    assert.deepEqual(lists[1], lists[0]);
  });
});
