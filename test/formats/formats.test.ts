import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FORMAT_NAMES, FORMATS, formatsNamed } from '../../lambda/formats/formats.ts';
import { parseScanSettings } from '../../lambda/settings.ts';

test('each format has a file of its own, whose name says whether it is compressed', () => {
  const files = Object.values(FORMATS).map(({ file }) => file);
  assert.equal(new Set(files).size, files.length);
  for (const { file, gzip } of Object.values(FORMATS)) assert.equal(file.endsWith('.gz'), gzip, file);
});

test('settings name formats, and json, which is always written', () => {
  assert.deepEqual(formatsNamed(FORMAT_NAMES), Object.keys(FORMATS));
  assert.deepEqual(formatsNamed(['json']), []);
});

for (const name of ['pdf', 'toString', '']) {
  test(`settings that name ${JSON.stringify(name)} are told which formats there are`, () => {
    assert.throws(() => formatsNamed(['csv', name]), {
      name: 'SettingsError',
      message: `formats must name some of ${FORMAT_NAMES.join(', ')}, but names ${name}`,
    });
  });
}

test('the default formats exist', () => {
  const settings = parseScanSettings(
    JSON.stringify({
      targets: [{ account: '111122223333', region: 'eu-central-1' }],
      tags: [{ key: 'scan' }],
      documentName: 'kubevigil',
      bucket: 'reports',
      topicArn: 'arn:aws:sns:eu-central-1:111122223333:alerts',
    }),
  );
  assert.deepEqual(formatsNamed(settings.formats), ['csv', 'html']);
});
