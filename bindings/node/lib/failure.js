/** A call that failed. */
export class FacenetError extends Error {
  constructor(status, code, message) {
    super(message);
    this.name = 'FacenetError';
    this.status = status;
    this.code = code;
  }
}

/** An argument that cannot be handed to C. */
export function invalid(message) {
  return new FacenetError(1, 'InvalidArgument', message);
}
