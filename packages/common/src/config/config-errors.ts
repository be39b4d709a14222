import { TerminalError } from '../errors.ts'

/** Wrong usage: a flag, an option or a setting that cannot be. Commands end with exit code 2. */
export abstract class UsageError extends TerminalError {
  override get exitCode(): number {
    return 2
  }
}

/** A pipeline's name that cannot be the name of a folder. */
export class InvalidPipelineName extends UsageError {
  override readonly code = 'invalid_pipeline_name'

  constructor(pipelineName: string) {
    super(
      `"${pipelineName}" cannot be a pipeline name: it names a folder, so it must not be empty nor hold any of ` +
        `. % { } / \\ : * ? " < > |. Choose another one, for example "${pipelineName.replaceAll(/[^\w-]+/g, '_') || 'my_pipeline'}".`,
      { pipelineName },
    )
  }
}

/** A command line, option or setting that makes no sense; the message says which and what would. */
export class InvalidUsage extends UsageError {
  override readonly code = 'invalid_usage'
}

/** A destination that Gantry does not know. */
export class UnknownDestination extends UsageError {
  override readonly code = 'unknown_destination'

  constructor(name: string, known: readonly string[]) {
    super(
      `There is no destination "${name}". Known destinations: ${known.join(', ')}. One of your own name needs its type: ` +
        `destination.${name}.destination_type.`,
      { name, known },
    )
  }
}

/** A secret in a place that is not kept secret, such as `config.toml`. */
export class ValueNotSecret extends UsageError {
  override readonly code = 'value_not_secret'

  constructor({ key, provider }: { readonly key: string; readonly provider: string }) {
    super(
      `${key} is a secret, but stands in ${provider}, which people share. Move it to secrets.toml or to the environment.`,
      { key, provider },
    )
  }
}
