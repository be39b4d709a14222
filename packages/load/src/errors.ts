import { TerminalError, TransientError, UsageError, type Job } from '@gantry/common'

/** A destination's driver is not installed. */
export class MissingDriver extends TerminalError {
  override readonly code = 'missing_driver'

  constructor(destination: string, packageName: string, options?: ErrorOptions) {
    super(
      `Destination "${destination}" needs the package ${packageName}. Run: npm install ${packageName}`,
      { destination, packageName },
      options,
    )
  }
}

/** The destination cannot be reached, or not now. */
export class DestinationConnectionError extends TransientError {
  override readonly code = 'destination_connection_error'
}

/** There is nothing at the destination to read from: the database itself is not there. */
export class DestinationNotFound extends TerminalError {
  override readonly code = 'destination_not_found'
}

/** True for an error that is the fault of the data: neither of the server's memory nor of settings, such as a password. */
export function isRefusal(error: unknown): error is TerminalError {
  return error instanceof TerminalError && !(error instanceof DestinationOutOfMemory || error instanceof UsageError)
}

/** True for an error that may be gone at the next attempt. A full disk stays full until somebody makes room. */
export function isPassing(error: unknown): boolean {
  return !(error instanceof TerminalError || error instanceof DestinationDiskFull)
}

/** The destination's memory does not suffice; the package is left as it is. */
export class DestinationOutOfMemory extends TerminalError {
  override readonly code = 'destination_out_of_memory'
}

/** The disk of the destination is full; loading may go on once there is room. */
export class DestinationDiskFull extends TransientError {
  override readonly code = 'destination_disk_full'
}

/** A table or schema is not there. */
export class DatabaseUndefinedRelation extends TerminalError {
  override readonly code = 'database_undefined_relation'
}

/** A column's type has no counterpart at the destination. */
export class UnsupportedDataType extends TerminalError {
  override readonly code = 'unsupported_data_type'
}

/** Another process holds the database. */
export class DestinationLocked extends TransientError {
  override readonly code = 'destination_locked'
}

/** Trying the same statement again may go well. */
export class DatabaseTransientError extends TransientError {
  override readonly code = 'database_transient_error'
}

/** The database refuses a statement, and will go on doing so. */
export class DatabaseTerminalError extends TerminalError {
  override readonly code = 'database_terminal_error'
}

/** Credentials of a destination that cannot be. */
export class InvalidCredentials extends UsageError {
  override readonly code = 'invalid_credentials'
}

/** The data of a job is refused by the destination; nothing of its package is in a dataset, if the destination has one. */
export class LoadJobFailed extends TerminalError {
  override readonly code = 'load_client_job_failed'
  readonly job: Job

  constructor(job: Job, loadId: string, cause: Error, hasDataset: boolean) {
    const { table } = job.name
    const what = hasDataset
      ? `nothing of it was loaded: table "${table}" refused the data of job ${job.id}.`
      : `what it handed over before stays there: the sink refused data of table "${table}", job ${job.id}.`
    const correct = hasDataset ? 'Correct the data or the table, and run again.' : 'Correct the data or the sink.'
    super(
      `Package ${loadId} was aborted, ${what}\n` +
        `  ${cause.message.trim()}\n` +
        `The failed job and its message are kept in the package. ${correct}`,
      { jobId: job.id, loadId, failedMessage: cause.message },
      { cause },
    )
    this.name = 'LoadClientJobFailed'
    this.job = job
  }
}

/** A job has failed so often that the stage gives up for now; its package stays. */
export class LoadClientJobRetry extends TransientError {
  override readonly code = 'load_client_job_retry'

  constructor(job: Job, loadId: string, attempts: number, cause: Error) {
    super(
      `Job ${job.id} of package ${loadId} has failed ${attempts} times, the last time with:\n  ${cause.message.trim()}\n` +
        'The package is kept. Run the command again when the cause is gone.',
      { jobId: job.id, loadId, retryCount: job.name.retry, failedMessage: cause.message },
      { cause },
    )
  }
}

/** A load file in a format that the destination does not take. */
export class JobFileFormatUnsupported extends TerminalError {
  override readonly code = 'job_file_format_unsupported'
}

/** A load file does not have the form that its name promises. */
export class LoadFileMalformed extends TerminalError {
  override readonly code = 'load_file_malformed'
}

/** A dataset has no such table. */
export class UnknownTable extends UsageError {
  override readonly code = 'unknown_table'
}
