"""What a service does for a request: statements that name it, some with a pause between, over a pool of ten."""

import asyncio
import os
import random
import threading
import time

DB = os.environ.get("DB_URL", "")
CACHE = os.environ.get("CACHE_URL", "")
OUT = os.environ.get("OUT_URL", "").rstrip("/")


def pause():
    return random.random() * 0.004


class Rest:
    """A pool of psycopg2's raises where all are taken."""

    def __init__(self, get, put):
        self.get, self.put, self.free = get, put, threading.Semaphore(10)

    def __enter__(self):
        self.free.acquire()
        self.one = getattr(self, "one", None) or threading.local()
        self.one.connection = self.get()
        return self.one.connection

    def __exit__(self, *_):
        self.put(self.one.connection)
        self.free.release()


def _psycopg():
    from psycopg_pool import ConnectionPool

    pool = ConnectionPool(DB, min_size=2, max_size=10, timeout=60)

    def work(of):
        with pool.connection() as connection:
            connection.execute("select 1 /* %s */" % of)
            time.sleep(pause())
            connection.execute("select %s::text", [of])
        with pool.connection() as connection, connection.cursor() as cursor:
            cursor.execute("select n, %s::text from generate_series(1, 30) n", [of])
            cursor.fetchall()
            try:
                with connection.transaction():
                    connection.execute("select 1/0 /* %s */" % of)
            except Exception:
                pass

    return work, 4


def _psycopg2():
    import psycopg2.extras
    from psycopg2.pool import ThreadedConnectionPool

    pool = ThreadedConnectionPool(1, 10, DB)
    rest = Rest(pool.getconn, pool.putconn)

    def work(of):
        with rest as connection:
            with connection, connection.cursor() as cursor:
                cursor.execute("select 1 /* %s */" % of)
                time.sleep(pause())
                cursor.execute("select %s::text", [of])
            with connection, connection.cursor(cursor_factory=psycopg2.extras.RealDictCursor) as cursor:
                psycopg2.extras.execute_values(cursor, "select * from (values %s) v", [(of,), ("other",)])
                cursor.fetchall()

    return work, 3


def _psycopg2_shared():
    """One connection that all threads have: the driver lets one after the other, and nobody sees when."""
    import psycopg2

    connection = psycopg2.connect(DB)
    connection.autocommit = True

    def work(of):
        with connection.cursor() as cursor:
            cursor.execute("select 1 /* %s */" % of)
            time.sleep(pause())
            cursor.execute("select %s::text", [of])

    return work, 2


def _psycopg2_dict():
    import psycopg2
    from psycopg2.extras import DictConnection

    local = threading.local()

    def work(of):
        connection = getattr(local, "connection", None)
        if connection is None:
            connection = local.connection = psycopg2.connect(DB, connection_factory=DictConnection)
        with connection, connection.cursor() as cursor:
            cursor.execute("select 1 as a /* %s */" % of)
            assert cursor.fetchone()["a"] == 1

    return work, 1


def _redis():
    import redis

    pool = redis.BlockingConnectionPool.from_url(CACHE, max_connections=10, timeout=60)
    client = redis.Redis(connection_pool=pool)

    def work(of):
        client.set("key:" + of, "x" * 20_000)
        time.sleep(pause())
        client.get("key:" + of)
        with client.pipeline(transaction=False) as pipe:
            pipe.lpush("list:" + of, "1", "2").lrange("list:" + of, 0, -1).delete("list:" + of)
            pipe.execute()

    return work, 5


def _sqlalchemy(dialect):
    from sqlalchemy import create_engine, text

    engine = create_engine(DB.replace("postgres://", "postgresql+%s://" % dialect), pool_size=10, max_overflow=0, pool_timeout=60)

    def work(of):
        with engine.begin() as connection:
            connection.execute(text("select 1 /* %s */" % of))
            time.sleep(pause())
            connection.execute(text("select cast(:of as text)"), {"of": of})

    return work, 2


def _django():
    from django.db import connection

    def work(of):
        with connection.cursor() as cursor:
            cursor.execute("select 1 /* %s */" % of)
            time.sleep(pause())
            cursor.execute("select %s::text", [of])

    return work, 2


def _out_sync(call):
    def work(of):
        call(OUT + "/one?of=" + of)
        time.sleep(pause())
        call(OUT + "/two?of=" + of)

    return work, 2


def _urllib():
    from urllib.request import urlopen

    return _out_sync(lambda url: urlopen(url).read())


def _requests():
    import requests

    session = requests.Session()
    return _out_sync(lambda url: session.get(url).content)


def _httpx():
    import httpx

    client = httpx.Client()
    return _out_sync(lambda url: client.get(url).content)


async def _psycopg_async():
    from psycopg_pool import AsyncConnectionPool

    pool = AsyncConnectionPool(DB, min_size=2, max_size=10, open=False, timeout=60)
    await pool.open()

    async def work(of):
        async with pool.connection() as connection:
            await connection.execute("select 1 /* %s */" % of)
            await asyncio.sleep(pause())
            await connection.execute("select %s::text", [of])

    return work, 2


async def _asyncpg():
    import asyncpg

    pool = await asyncpg.create_pool(DB, min_size=2, max_size=10)

    async def work(of):
        async with pool.acquire() as connection:
            await connection.execute("select 1 /* %s */" % of)
            await asyncio.sleep(pause())
            await connection.fetch("select $1::text", of)
            async with connection.transaction():
                await connection.executemany("select $1::text, 2", [(of,), (of,)])
        await asyncio.gather(*(pool.fetchval("select %d /* %s */" % (n, of)) for n in range(3)))

    return work, 7


async def _redis_async():
    from redis.asyncio import BlockingConnectionPool, Redis

    client = Redis(connection_pool=BlockingConnectionPool.from_url(CACHE, max_connections=10, timeout=60))

    async def work(of):
        await client.set("key:" + of, "x" * 20_000)
        await asyncio.sleep(pause())
        await client.get("key:" + of)
        async with client.pipeline(transaction=False) as pipe:
            await pipe.lpush("list:" + of, "1").delete("list:" + of).execute()

    return work, 4


async def _sqlalchemy_async():
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import create_async_engine

    url = DB.replace("postgres://", "postgresql+asyncpg://")
    engine = create_async_engine(url, pool_size=10, max_overflow=0, pool_timeout=60)

    async def work(of):
        async with engine.begin() as connection:
            await connection.execute(text("select 1 /* %s */" % of))
            await asyncio.sleep(pause())
            await connection.execute(text("select cast(:of as text)"), {"of": of})

    return work, 2


async def _httpx_async():
    import httpx

    client = httpx.AsyncClient()

    async def work(of):
        await client.get(OUT + "/one?of=" + of)
        await asyncio.gather(client.get(OUT + "/two?of=" + of), client.get(OUT + "/two?of=" + of))

    return work, 3


async def _aiohttp():
    import aiohttp

    session = aiohttp.ClientSession()

    async def work(of):
        for path in ("/one", "/two"):
            async with session.get(OUT + path + "?of=" + of) as response:
                await response.read()

    return work, 2


async def _threads():
    """Work that is handed to threads."""
    work, count = _psycopg()
    loop = asyncio.get_running_loop()

    async def both(of):
        await loop.run_in_executor(None, work, of)
        await asyncio.to_thread(work, of)

    return both, 2 * count


SYNC = {
    "psycopg": _psycopg,
    "psycopg2": _psycopg2,
    "psycopg2-dict": _psycopg2_dict,
    "psycopg2-shared": _psycopg2_shared,
    "redis": _redis,
    "sqlalchemy-psycopg2": lambda: _sqlalchemy("psycopg2"),
    "sqlalchemy-psycopg": lambda: _sqlalchemy("psycopg"),
    "django": _django,
    "urllib": _urllib,
    "requests": _requests,
    "httpx": _httpx,
}
ASYNC = {
    "psycopg": _psycopg_async,
    "asyncpg": _asyncpg,
    "redis": _redis_async,
    "sqlalchemy-asyncpg": _sqlalchemy_async,
    "httpx": _httpx_async,
    "aiohttp": _aiohttp,
    "threads": _threads,
}
