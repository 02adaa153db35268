"""Modality, Label, Task, TASKS: the only place a label list is written."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Modality(StrEnum):
    """What a capture is made of."""

    IMAGE = "image"
    AUDIO = "audio"


@dataclass(frozen=True)
class Label:
    """One member of a task's closed list; `code` is also the word in cards, rows and URLs."""

    code: str
    name_fr: str
    name_en: str


@dataclass(frozen=True)
class Task:
    """A closed recognition problem: one capture of one modality → one of `labels`, or unsure.

    `engines` are the model families that answer; the first is shown, others are second opinions.
    """

    name: str
    modality: Modality
    named_labels: tuple[Label, ...]
    engines: tuple[str, ...]

    @property
    def labels(self) -> tuple[str, ...]:
        """Codes in the order of the model's output."""
        return tuple(label.code for label in self.named_labels)


WASTE = Task(
    name="waste",
    modality=Modality.IMAGE,
    named_labels=(
        Label("bois", "Bois", "Wood"),
        Label("carton", "Carton", "Cardboard"),
        Label("cuir", "Cuir", "Leather"),
        Label("textile", "Textile", "Textiles"),
        Label("alimentaire", "Déchets alimentaires", "Food waste"),
        Label("dechets_verts", "Déchets verts", "Garden waste"),
        Label("electronique", "Électronique et piles", "Electronics and batteries"),
        Label("metal", "Métal", "Metal"),
        Label("papier", "Papier", "Paper"),
        Label("pierre", "Pierre et gravats", "Stone and rubble"),
        Label("plastique", "Plastique", "Plastic"),
        Label("verre", "Verre", "Glass"),
        Label("autre", "Autre", "Other"),
    ),
    engines=("net",),
)

GENRE = Task(
    name="genre",
    modality=Modality.AUDIO,
    named_labels=(
        Label("blues", "Blues", "Blues"),
        Label("classical", "Classique", "Classical"),
        Label("country", "Country", "Country"),
        Label("disco", "Disco", "Disco"),
        Label("hiphop", "Hip-hop", "Hip hop"),
        Label("jazz", "Jazz", "Jazz"),
        Label("metal", "Metal", "Metal"),
        Label("pop", "Pop", "Pop"),
        Label("reggae", "Reggae", "Reggae"),
        Label("rock", "Rock", "Rock"),
    ),
    engines=("net", "svm", "vgg19"),
)

EMOTION = Task(
    name="emotion",
    modality=Modality.AUDIO,
    named_labels=(
        Label("anger", "Colère", "Anger"),
        Label("disgust", "Dégoût", "Disgust"),
        Label("fear", "Peur", "Fear"),
        Label("happiness", "Joie", "Happiness"),
        Label("neutral", "Neutre", "Neutral"),
        Label("sadness", "Tristesse", "Sadness"),
        Label("surprise", "Surprise", "Surprise"),
    ),
    engines=("net", "logreg"),
)

TASKS: Mapping[str, Task] = MappingProxyType({task.name: task for task in (WASTE, GENRE, EMOTION)})
