import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ALL_FILES, FORMAT_NAMES, FORMATS, filesOf, formatsNamed } from '../../lambda/formats/formats.ts';
import { parseScanSettings } from '../../lambda/settings.ts';

test('each format has files of its own, whose names say whether they are compressed', () => {
  const files = ALL_FILES.map(({ file }) => file);
  assert.equal(new Set(files).size, files.length);
  for (const { file, gzip } of ALL_FILES) assert.equal(file.endsWith('.gz'), gzip, file);
});

test('a format comes with what stands beside it', () => {
  const files = filesOf(['csv', 'html']).map(({ file }) => file);
  assert.deepEqual(files, ['findings.csv', 'rules.csv', 'remedies.csv', 'report.html']);
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
