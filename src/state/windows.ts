export interface Window {
  readonly name: string;
}
