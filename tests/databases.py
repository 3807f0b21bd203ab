"""Databases for tests on PostgreSQL: copied from a template once, then reset between tests.

Copying a database takes a second on a busy machine, putting its rows back a few milliseconds: each database keeps a
second schema, `pristine`, with the rows it started with.
"""
from __future__ import annotations

import uuid

import psycopg

from tests.servers import Postgres

REMEMBER = """
CREATE SCHEMA pristine;
DO $$ DECLARE r record; BEGIN
  FOR r IN SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' LOOP
    EXECUTE format('CREATE TABLE pristine.%I AS TABLE public.%I', r.name, r.name);
  END LOOP;
  CREATE TABLE pristine."*sequences*" AS
    SELECT sequencename::text AS name, last_value FROM pg_sequences WHERE schemaname = 'public';
END $$;
"""
RESET = """
DO $$ DECLARE r record; BEGIN
  SET LOCAL session_replication_role = replica;  -- no order among tables, no triggers
  FOR r IN SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' LOOP
    IF to_regclass(format('pristine.%I', r.name)) IS NULL THEN
      EXECUTE format('DROP TABLE public.%I CASCADE', r.name);
    ELSE
      EXECUTE format('DELETE FROM public.%I', r.name);
      EXECUTE format('INSERT INTO public.%I SELECT * FROM pristine.%I', r.name, r.name);
    END IF;
  END LOOP;
  FOR r IN SELECT name, last_value FROM pristine."*sequences*" LOOP
    PERFORM setval(format('public.%I', r.name)::regclass, coalesce(r.last_value, 1), r.last_value IS NOT NULL);
  END LOOP;
END $$;
"""


class Pool:
    """Databases that started as copies of one template. One that is handed out is as the template was."""

    def __init__(self, server: Postgres, template: str) -> None:
        self._server = server
        self._template = template
        self._free: list[str] = []

    def take(self) -> str:
        """Name of a database that nobody else uses."""
        if not self._free:
            name = f"t_{uuid.uuid4().hex[:16]}"
            with psycopg.connect(self._server.create(name, self._template), autocommit=True) as connection:
                connection.execute(REMEMBER)
            return name
        name = self._free.pop()
        with psycopg.connect(self._server.url(name), autocommit=True) as connection:
            connection.execute(RESET)
        return name

    def give_back(self, name: str) -> None:
        """Nobody may use it any more: whoever is still connected is cut off."""
        self._server.disconnect(name)
        self._free.append(name)
