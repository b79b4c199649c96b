/**
 * Logging and tracing.
 * Source: k8s.io/component-base/logs/api/v1/options.go, Validate, 1.25 to 1.37, and logs/validate.go of 1.24;
 * k8s.io/component-base/tracing/api/v1/config.go.
 * Tested by test/kubelet/validation/validate.test.ts.
 */
import { formatDuration } from '../../go/literals.ts';
import { wholeValue } from '../../go/quantity.ts';
import { goQuote } from '../../go/quoting.ts';
import { parseUrl } from '../../go/urls.ts';
import type { Checked } from './checked.ts';

/** klog's own flags, which only the text format honours; up to 1.25 a kubelet has them. */
const KLOG_FLAGS = [
  ['add-dir-header', 'false'],
  ['alsologtostderr', 'false'],
  ['log-backtrace-at', ':0'],
  ['log-dir', ''],
  ['log-file', ''],
  ['log-file-max-size', '1800'],
  ['logtostderr', 'true'],
  ['one-output', 'false'],
  ['skip-headers', 'false'],
  ['skip-log-headers', 'false'],
  ['stderrthreshold', '2'],
] as const;

const MOST_VERBOSE = 2 ** 31 - 1;

/** Says what is wrong with the logging. `given` is the last value of a flag, as its type prints it. */
export function checkLogging(c: Checked, given: (flag: string) => string | undefined): void {
  const field = (name: string) => `logging.${name}`;
  const format = c.text('logging.format');
  if (c.minor >= 35 && c.duration('logging.flushFrequency') <= 0n) {
    const value = c.value('logging.flushFrequency');
    const shown =
      typeof value === 'number' ? String(value) : `"${formatDuration(c.duration('logging.flushFrequency'))}"`;
    c.say(`${field('flushFrequency')}: Invalid value: ${shown}: Must be greater than zero`, field('flushFrequency'));
  }
  if (format !== 'text' && c.minor <= 25) {
    for (const [flag, fallback] of KLOG_FLAGS) {
      const value = given(flag);
      if (value === undefined || value === fallback) continue;
      c.say(
        `${field('format')}: Invalid value: ${goQuote(format)}: Non-default format doesn't honor flag: ${flag}`,
        field('format'),
      );
    }
  }
  if (format !== 'text' && format !== 'json') {
    c.say(`${field('format')}: Invalid value: ${goQuote(format)}: Unsupported log format`, field('format'));
  } else if (format === 'json' && c.minor >= 25 && !c.isOn('LoggingBetaOptions')) {
    c.say(
      `${field('format')}: Forbidden: Log format json is disabled, see LoggingBetaOptions feature`,
      field('format'),
    );
  }
  const verbosity = c.number('logging.verbosity');
  if (verbosity > MOST_VERBOSE) {
    c.say(`${field('verbosity')}: Invalid value: ${verbosity}: Must be <= ${MOST_VERBOSE}`, field('verbosity'));
  }
  checkPatterns(c, format);
  if (c.minor >= 30) checkStreams(c, 'text');
  if (c.minor >= 25) checkStreams(c, 'json');
}

function checkPatterns(c: Checked, format: string): void {
  const path = 'logging.vmodule';
  const patterns = c.list(path) as readonly { filePattern?: string; verbosity?: number }[];
  if (patterns.length > 0 && format !== '' && format !== 'text') {
    c.say(`${path}: Forbidden: Only supported for text log format`, path);
  }
  for (const [at, { filePattern = '', verbosity = 0 }] of patterns.entries()) {
    const item = `${path}[${at}]`;
    if (filePattern === '') c.say(`${item}: Required value: File pattern must not be empty`, path);
    if (/[=,]/.test(filePattern)) {
      c.say(`${item}: Invalid value: ${goQuote(filePattern)}: File pattern must not contain equal sign or comma`, path);
    }
    if (verbosity > MOST_VERBOSE) c.say(`${item}: Invalid value: ${verbosity}: Must be <= ${MOST_VERBOSE}`, path);
  }
}

function checkStreams(c: Checked, format: 'text' | 'json'): void {
  if (c.isOn('LoggingAlphaOptions')) return;
  const option = (name: string) => `logging.options.${format}.${name}`;
  const forbidden = 'Forbidden: Feature LoggingAlphaOptions is disabled';
  if (c.value(option('splitStream')) === true) c.say(`${option('splitStream')}: ${forbidden}`, option('splitStream'));
  if (wholeValue(c.text(option('infoBufferSize'))) !== 0n) {
    c.say(`${option('infoBufferSize')}: ${forbidden}`, option('infoBufferSize'));
  }
}

const MOST_SAMPLES = 1_000_000;

/** Says what is wrong with the tracing. */
export function checkTracing(c: Checked): void {
  if (c.minor < 25 || c.value('tracing') === null) return;
  if (c.minor <= 33 && !c.isOn('KubeletTracing')) {
    c.invalid('tracing should not be configured if KubeletTracing feature flag is disabled.', 'tracing');
    return;
  }
  const [ratePath, endpointPath] = ['tracing.samplingRatePerMillion', 'tracing.endpoint'];
  const [rate, endpoint] = [c.value(ratePath), c.value(endpointPath)];
  if (typeof rate === 'number' && rate < 0) {
    c.say(`${ratePath}: Invalid value: ${rate}: sampling rate must be positive`, ratePath);
  }
  if (typeof rate === 'number' && rate > MOST_SAMPLES) {
    c.say(
      `${ratePath}: Invalid value: ${rate}: sampling rate per million must be less than or equal to one million`,
      ratePath,
    );
  }
  if (typeof endpoint !== 'string') return;
  const whole = endpoint.includes('//') ? endpoint : `dns://${endpoint}`;
  const url = parseUrl(whole);
  if ('problem' in url) c.say(`${endpointPath}: Invalid value: ${goQuote(whole)}: ${url.problem}`, endpointPath);
  else if (!['dns', 'unix', 'unix-abstract'].includes(url.scheme)) {
    c.say(
      `${endpointPath}: Invalid value: ${goQuote(whole)}: unsupported scheme: ${url.scheme}.  Options are none, dns, unix, or unix-abstract.  See https://github.com/grpc/grpc/blob/master/doc/naming.md`,
      endpointPath,
    );
  }
}
