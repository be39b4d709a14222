export class NotYet extends Error {}
