import { expect, test } from 'vitest'
import { proxiesOf } from '#http/proxy.js'

test('proxies of the environment, in lower and upper case', () => {
  expect(proxiesOf({ http_proxy: 'a', HTTP_PROXY: 'x', HTTPS_PROXY: 'b', NO_PROXY: 'c' })).toEqual({
    http: 'a',
    https: 'b',
    none: 'c',
  })
  expect(proxiesOf({ HTTP_PROXY: 'a' }).http).toBe('a')
  expect(proxiesOf({ all_proxy: 'a' })).toEqual({ http: 'a', https: 'a', none: undefined })
  expect(proxiesOf({})).toEqual({ http: undefined, https: undefined, none: undefined })
})

test('what a request of a CGI program could set does not count', () => {
  expect(proxiesOf({ REQUEST_METHOD: 'GET', HTTP_PROXY: 'of the request' }).http).toBeUndefined()
})
