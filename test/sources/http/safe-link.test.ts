import { describe, expect, test } from 'vitest'
import { isPrivateAddress } from '../../../src/sources/http/private-address.ts'
import { handingOut, linkProblem } from '../../../src/sources/http/safe-link.ts'
import { asking } from './asking.ts'

const vendor = { baseUrl: new URL('https://api.example.test/v2'), internal: false }

describe('a link of a vendor on the internet', () => {
  test.each([
    'https://storage.example.test/a.mp3?X-Amz-Signature=abc',
    'https://8.8.8.8/a.mp3',
    'https://[2606:4700::1111]/a.mp3',
    'https://[::ffff:8.8.8.8]/a',
    'https://[64:ff9b::808:808]/a',
    'https://internal.example.test/a',
  ])('%s may be handed out', (link) => {
    expect(linkProblem(link, vendor)).toBeNull()
  })

  test.each([
    'https://127.0.0.1/a',
    'https://localhost/a',
    'https://LOCALHOST./a',
    'https://a.localhost/a',
    'https://10.1.2.3/a',
    'https://172.16.0.1/a',
    'https://172.31.255.255/a',
    'https://192.168.1.1/a',
    'https://169.254.169.254/latest/meta-data/',
    'https://100.64.0.1/a',
    'https://0.0.0.0/a',
    'https://0/a',
    'https://2130706433/a',
    'https://0x7f.1/a',
    'https://0177.0.0.1/a',
    'https://127.1/a',
    'https://１２７.0.0.1/a',
    'https://224.0.0.1/a',
    'https://255.255.255.255/a',
    'https://[::1]/a',
    'https://[::]/a',
    'https://[::ffff:127.0.0.1]/a',
    'https://[::ffff:a9fe:a9fe]/a',
    'https://[::127.0.0.1]/a',
    'https://[64:ff9b::10.0.0.1]/a',
    'https://[64:ff9b::a00:1]/a',
    'https://[2002:7f00:1::]/a',
    'https://[2001:0:1::]/a',
    'https://[fe80::1]/a',
    'https://[fd00:ec2::254]/a',
    'https://[ff02::1]/a',
    'https://metadata.google.internal/a',
    'https://nas/a',
    'https://nas.local/a',
    'https://router.home.arpa/a',
  ])('%s leads into a private network', (link) => {
    expect(linkProblem(link, vendor)).toMatch(/^leads into a private network \(.+\); set internal_links: true/)
    expect(linkProblem(link, { ...vendor, internal: true })).toBeNull()
  })

  test.each([
    ['http://storage.example.test/a', /^leads to storage\.example\.test without TLS; set internal_links: true/],
    ['file:///etc/passwd', /^leads to no web address \(file:\)$/],
    ['javascript:alert(1)', /^leads to no web address/],
    ['data:text/html,x', /^leads to no web address/],
    ['ftp://storage.example.test/a', /^leads to no web address/],
    ['gopher://storage.example.test/a', /^leads to no web address/],
    ['/recordings/a.mp3', /^is no web address$/],
    ['//storage.example.test/a', /^is no web address$/],
    ['https://user:pass@storage.example.test/a', /^has a user or password in it$/],
    ['', /^is no web address$/],
  ])('%s is refused', (link, problem) => {
    expect(linkProblem(link, vendor)).toMatch(problem)
  })

  test.each(['file:///etc/passwd', 'ftp://10.0.0.1/a', 'https://user@10.0.0.1/a'])(
    '%s is refused even among own ones',
    (link) => {
      expect(linkProblem(link, { ...vendor, internal: true })).not.toBeNull()
    },
  )

  test('the refusal does not show what opens it', () => {
    expect(linkProblem('http://10.0.0.1/secret-path?X-Amz-Signature=abc', vendor)).not.toMatch(/secret-path|abc/)
  })
})

test('a platform on this machine may link to this machine, and to nowhere else that is private', () => {
  const here = { baseUrl: new URL('http://127.0.0.1:8080'), internal: false }
  expect(linkProblem('http://127.0.0.1:9000/a', here)).toBeNull()
  expect(linkProblem('http://localhost:9000/a', here)).toBeNull()
  expect(linkProblem('http://storage.example.test/a', here)).toBeNull()
  expect(linkProblem('http://169.254.169.254/a', here)).toMatch(/^leads into a private network/)
  const overTls = { baseUrl: new URL('https://localhost:8080'), internal: false }
  expect(linkProblem('https://127.0.0.1:9000/a', overTls)).toBeNull()
  expect(linkProblem('http://127.0.0.1:9000/a', overTls)).toMatch(/without TLS/)
})

test('a platform in the own network needs the setting for links into it', () => {
  const own = { baseUrl: new URL('https://10.0.0.7/v1.0'), internal: false }
  expect(linkProblem('https://10.0.0.7/a', own)).toMatch(/^leads into a private network/)
})

test('what is no address counts as private: no look-up gives one', () => {
  expect(['', 'example.test', '1.2.3', 'fe80::1%eth0', '::1%x'].map(isPrivateAddress)).toEqual([
    true,
    true,
    true,
    true,
    true,
  ])
  expect(['8.8.8.8', '2606:4700::1111', '::ffff:8.8.8.8'].map(isPrivateAddress)).toEqual([false, false, false])
})

test('what is handed out holds nothing that a terminal obeys', async () => {
  const give = handingOut(vendor, { connectionId: 'front-desk', folder: '/' }, async () => ({
    url: 'https://storage.example.test/a\u001b[31m\r\nb\u0007?x=\u202e',
    expiresAt: null,
    mediaType: null,
  }))
  const { url } = await give({ recordId: 'r', parentId: null, messageId: 'm' }, asking())
  expect(url).toBe('https://storage.example.test/a%1B[31mb%07?x=%E2%80%AE')
})

test('a refusal names connection and recording', async () => {
  const give = handingOut(vendor, { connectionId: 'front-desk', folder: '/' }, async () => ({
    url: 'https://10.0.0.1/a?sig=abc',
    expiresAt: null,
    mediaType: null,
  }))
  await expect(give({ recordId: 'r', parentId: null, messageId: 'm' }, asking())).rejects.toThrow(
    'connection front-desk: the link to recording m leads into a private network (10.0.0.1); set internal_links: true ' +
      'when it belongs there; it is not handed out',
  )
})
