"""What a team would write on an afternoon: FastAPI, SQLAlchemy and pydantic over the SQLite file named in FACTORS_DB."""

import os

from fastapi import Depends, FastAPI, HTTPException
from pydantic import BaseModel, ConfigDict
from sqlalchemy import create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

engine = create_engine(f"sqlite:///{os.environ['FACTORS_DB']}", pool_size=20, max_overflow=20)
app = FastAPI()


class Base(DeclarativeBase):
    pass


class Factor(Base):
    __tablename__ = "factors"
    key: Mapped[str] = mapped_column(primary_key=True)
    activity: Mapped[str]
    kind: Mapped[str]
    name_en: Mapped[str]
    name_zh: Mapped[str]
    region: Mapped[str]
    year: Mapped[int]
    value: Mapped[str]
    metric: Mapped[str]
    per: Mapped[str]
    gwp: Mapped[str]
    co2e_origin: Mapped[str]
    category: Mapped[str]
    co2_fossil: Mapped[str]
    ch4_fossil: Mapped[str]
    n2o: Mapped[str]
    source: Mapped[str]
    locator: Mapped[str]
    value_text: Mapped[str]
    unit_text: Mapped[str]


class Shown(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    key: str
    activity: str
    kind: str
    name_en: str
    name_zh: str
    region: str
    year: int
    value: str
    metric: str
    per: str
    gwp: str
    co2e_origin: str
    category: str
    co2_fossil: str
    ch4_fossil: str
    n2o: str
    source: str
    locator: str
    value_text: str
    unit_text: str


def session():
    with Session(engine) as opened:
        yield opened


@app.get("/f/{key:path}", response_model=Shown)
def one(key: str, database: Session = Depends(session)):
    found = database.get(Factor, key)
    if found is None:
        raise HTTPException(404)
    return found


@app.get("/filter", response_model=list[Shown])
def page(region: str, year: int, category: str, database: Session = Depends(session)):
    wanted = (Factor.region == region, Factor.year == year, Factor.category == category)
    return database.scalars(select(Factor).where(*wanted).order_by(Factor.key).limit(50)).all()


@app.post("/batch", response_model=list[Shown])
def batch(keys: list[str], database: Session = Depends(session)):
    return database.scalars(select(Factor).where(Factor.key.in_(keys))).all()
