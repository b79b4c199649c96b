/** The function's log: one line of JSON an event, with what the durable execution knows of the moment. */
import type { DurableLogger } from '@aws/durable-execution-sdk-js';
import { Logger } from '@aws-lambda-powertools/logger';

/** What the durable SDK tells about a line: its execution, operation and attempt. */
type About = () => object;

/**
 * A logger for `context.configureLogger`. Powertools writes the lines; it does not know what a durable execution is, so
 * that is added here (@aws/durable-execution-sdk-js, DurableLogger.configureDurableLoggingContext).
 */
export function durableLogger(service: string): DurableLogger {
  const logger = new Logger({ serviceName: service });
  let about: About = () => ({});
  const write =
    (level: 'debug' | 'info' | 'warn' | 'error') =>
    (message: string, extra: object = {}) =>
      logger[level](message, { ...about(), ...extra });
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    configureDurableLoggingContext({ getDurableLogData }) {
      about = getDurableLogData;
    },
  };
}
