import { BasePaginator } from './paginator.ts'

/** One request, one page. */
export class SinglePagePaginator extends BasePaginator {
  updateState(): void {
    this.hasNextPage = false
  }

  updateRequest(): void {}
}
